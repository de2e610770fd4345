using System.Net;

namespace JitsiMesh.Mesh.Tests.UnderTest;

/// <summary>A running mesh of any shape, as scenarios see it: its doors, and what it says of itself.</summary>
public interface IMeshUnderTest
{
    /// <summary>Where clients open their XMPP WebSocket.</summary>
    Uri WebSocket { get; }

    /// <summary>The public page over plain HTTP.</summary>
    Uri PlainHttp { get; }

    string Domain { get; }

    string MucDomain { get; }

    /// <summary>The bridge's media port.</summary>
    IPEndPoint Media { get; }

    /// <summary>Reads one inner page.</summary>
    Task<string> InnerAsync(string path);

    /// <summary>Log lines so far.</summary>
    IReadOnlyList<LogLine> Log { get; }
}
