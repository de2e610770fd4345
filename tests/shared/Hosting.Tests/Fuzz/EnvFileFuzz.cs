using System.Text;
using JitsiMesh.Hosting.Settings;
using JitsiMesh.Primitives;

namespace JitsiMesh.Hosting.Tests.Fuzz;

public static class EnvFileFuzz
{
    public static void Run(ReadOnlySpan<byte> data)
    {
        if (!EnvFile.TryParse(Encoding.UTF8.GetString(data), out var values, out var badLine))
        {
            if (badLine < 1) throw new InvalidOperationException("A refused file names its line.");
            return;
        }

        try
        {
            MeshSettings.From(values.Select(v => KeyValuePair.Create(v.Key, (string?)v.Value)));
        }
        catch (SettingsException refusal)
        {
            if (refusal.Problems.Count == 0 || refusal.Problems.Any(p => p.Contains('\n', StringComparison.Ordinal))) throw new InvalidOperationException("A problem is one line.", refusal);
        }
    }
}

public sealed class EnvFileFuzzTests
{
    private static readonly string[] Samples =
    [
        "",
        "CONFIG=/x\nHTTP_PORT=8000\nJVB_ADVERTISE_IPS=203.0.113.4#10001, ::1\nPUBLIC_URL=\"https://a.example/\"\n",
        "MESH_BUS=amqp://u:p@h/v\nMESH_REDIS=localhost:6379\nLOG_LEVEL=warn\nMESH_DRAIN_TIMEOUT=2m\nXMPP_DOMAIN=a.b\nJVB_STUN_SERVERS=a:1,[::1]:2\n",
    ];

    [Fact]
    public void Run_MutatedSamples_NeverThrows()
    {
        const ulong Seed = 20261124;
        var random = new SeededRandomSource(Seed);
        for (var round = 0; round < 3000; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(Samples[random.NextInt(Samples.Length)]);
            for (var change = random.NextInt(6); change > 0 && bytes.Length > 0; change--) bytes[random.NextInt(bytes.Length)] = (byte)random.NextInt(256);
            EnvFileFuzz.Run(bytes.AsSpan(0, random.NextInt(bytes.Length + 1)));
        }
    }
}
