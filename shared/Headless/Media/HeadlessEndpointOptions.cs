using JitsiMesh.Dtls;
using JitsiMesh.Primitives;

namespace JitsiMesh.Headless.Media;

/// <summary>The media that an endpoint sends. The numbers are those that the bridge offers to clients by default.</summary>
public sealed record HeadlessEndpointOptions
{
    public string Id { get; init; } = "c0ffee01";

    public bool SendsAudio { get; init; } = true;

    public bool SendsVideo { get; init; } = true;

    /// <summary>False: the caller has a WebSocket as bridge channel, and passes its messages to <see cref="HeadlessEndpoint.HandleChannelMessage"/>.</summary>
    public bool UsesDataChannel { get; init; } = true;

    /// <summary>Which SRTP profiles are offered, and timers.</summary>
    public DtlsOptions Dtls { get; init; } = DtlsOptions.Default;

    public byte OpusPayloadType { get; init; } = 111;

    public byte Vp8PayloadType { get; init; } = 100;

    public byte RtxPayloadType { get; init; } = 96;

    public int AudioLevelExtension { get; init; } = 1;

    public int TransportCcExtension { get; init; } = 5;

    /// <summary>Simulcast encodings, the smallest first; one for a single stream.</summary>
    public IReadOnlyList<VideoEncoding> Encodings { get; init; } =
    [
        new VideoEncoding(320, 180, Bitrate.FromKbps(150)),
        new VideoEncoding(640, 360, Bitrate.FromKbps(450)),
        new VideoEncoding(1280, 720, Bitrate.FromKbps(1500)),
    ];

    public int FramesPerSecond { get; init; } = 30;

    /// <summary>The loudness in the audio level extension, in -dBov; 127 is silence.</summary>
    public byte AudioLevel { get; init; } = 127;

    /// <summary>The first ReceiverVideoConstraints; null: none is sent. Without one a bridge sends no video.</summary>
    public string? ReceiverConstraints { get; init; } =
        """{"colibriClass":"ReceiverVideoConstraints","lastN":-1,"defaultConstraints":{"maxHeight":720}}""";
}

/// <summary>One simulcast encoding.</summary>
public sealed record VideoEncoding(int Width, int Height, Bitrate Rate);

/// <summary>A primary SSRC and that of its retransmissions.</summary>
public readonly record struct SsrcPair(uint Primary, uint Rtx);
