using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>Memory of the processes, and of their containers.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<TimeSpan> MemoryReturnAfter = Seconds("MESH_MEMORY_RETURN_AFTER", 60, 0, 86400, "So long after the last call a service gives the memory that it does not need any more back to the system; 0 for never", "all");
    public static readonly Setting<long> MaxMemory = MemorySize("MESH_MAX_MEMORY", 192, "Memory that the one process of ./mesh up may take at most, and each service that has no such setting of its own, such as 2g; 0 for as much as there is", "all, compose");
    public static readonly Setting<long> JicofoMaxMemory = MemorySize("JICOFO_MAX_MEMORY", 96, "Memory that focus may take at most, such as 1g; 0 for as much as there is", "focus, compose");
    public static readonly Setting<long> VideobridgeMaxMemory = MemorySize("VIDEOBRIDGE_MAX_MEMORY", 96, "Memory that each bridge may take at most, such as 3072m; 0 for as much as there is", "media-bridge, compose");
    public static readonly Setting<long> SignallingMaxMemory = MemorySize("MESH_SIGNALLING_MAX_MEMORY", 96, "Memory that signalling may take at most, such as 1g; 0 for as much as there is", "signalling, compose");
    public static readonly Setting<long> AuthMaxMemory = MemorySize("MESH_AUTH_MAX_MEMORY", 96, "The same of auth", "auth, compose");
    public static readonly Setting<long> EdgeMaxMemory = MemorySize("MESH_EDGE_MAX_MEMORY", 96, "The same of edge-proxy", "edge-proxy, compose");
    public static readonly Setting<long> RabbitMqMaxMemory = MemorySize("MESH_RABBITMQ_MAX_MEMORY", 256, "The same of RabbitMQ's container, which takes no more messages at two fifths of it", "compose");
    public static readonly Setting<long> RedisMaxMemory = MemorySize("MESH_REDIS_MAX_MEMORY", 16, "The same of Redis's container", "compose");
}
