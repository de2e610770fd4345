namespace JitsiMesh.Doctor.Reports;

/// <summary>Maps a failed check to the code of docs/errors.md that the page shows.</summary>
internal static class PageCodes
{
    /// <param name="check">The check's name.</param>
    public static string? Of(string check) => check switch
    {
        "certificate" => "MESH-TLS-1",
        "config.js" => "MESH-SETUP-1",
        "signalling" or "bosh" => "MESH-NET-1",
        "conference (http)" or "conference (iq)" => "MESH-FOCUS-2",
        "offer" => "MESH-BRIDGE-1",
        "udp" or "call" => "MESH-ICE-1",
        "colibri-ws" or "channel (data)" or "channel (websocket)" => "MESH-BRIDGE-2",
        _ => null,
    };
}
