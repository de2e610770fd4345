using JitsiMesh.Fuzz.Tests.Targets;
using Xunit.Abstractions;

namespace JitsiMesh.Fuzz.Tests;

/// <summary>Packets that one call reads.</summary>
public sealed class PacketFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Stun() => FuzzRunner.Run<StunTarget>(100_000, output);

    [Fact]
    public void Rtp() => FuzzRunner.Run<RtpTarget>(100_000, output);

    [Fact]
    public void Rtcp() => FuzzRunner.Run<RtcpTarget>(100_000, output);

    [Fact]
    public void Srtp() => FuzzRunner.Run<SrtpTarget>(100_000, output);

    [Fact]
    public void Ice_agent() => FuzzRunner.Run<IceAgentTarget>(5_000, output);
}

/// <summary>Machines that live on from packet to packet.</summary>
public sealed class SessionFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Dtls() => FuzzRunner.Run<DtlsTarget>(100_000, output);

    [Fact]
    public void Sctp() => FuzzRunner.Run<SctpTarget>(100_000, output);

    [Fact]
    public void Xmpp() => FuzzRunner.Run<XmppTarget>(20_000, output);

    [Fact]
    public void Xmpp_over_bosh() => FuzzRunner.Run<BoshTarget>(20_000, output);

    [Fact]
    public void Xmpp_over_tcp() => FuzzRunner.Run<XmppStreamTarget>(10_000, output);

    /// <summary>All of them in <c>./mesh test full</c>, fewer where many run.</summary>
    [Fact]
    public void Stanzas() => FuzzRunner.Run<StanzaTarget>(Environment.GetEnvironmentVariable("MESH_TEST_MODE") switch { "full" => 100_000, "ci" => 20_000, _ => 5_000 }, output);

    [Fact]
    public void Jingle() => FuzzRunner.Run<JingleTarget>(5_000, output);
}
