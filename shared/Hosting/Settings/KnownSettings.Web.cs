using static JitsiMesh.Hosting.Settings.SettingKinds;

namespace JitsiMesh.Hosting.Settings;

/// <summary>The nginx settings of Jitsi's web container that have a meaning without nginx.</summary>
public static partial class KnownSettings
{
    public static readonly Setting<TimeSpan> KeepAliveTimeout = Seconds("NGINX_KEEPALIVE_TIMEOUT", 65, 1, 3600, "How long a connection may be idle between requests", "edge-proxy");
    public static readonly Setting<int> WorkerConnections = Number("NGINX_WORKER_CONNECTIONS", 768, 1, 1000000, "With NGINX_WORKER_PROCESSES: their product is MESH_MAX_CONNECTIONS where either is set and that is not", "edge-proxy");
    public static readonly Setting<int> WorkerProcesses = Number("NGINX_WORKER_PROCESSES", 4, 1, 1024, "A factor of NGINX_WORKER_CONNECTIONS, and nothing else: one process serves all", "edge-proxy");
}
