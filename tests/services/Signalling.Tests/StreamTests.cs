using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp.Sasl;

namespace JitsiMesh.Signalling.Tests;

/// <summary>Framing, SASL, bind (signalling reference, sections 1.2 to 1.5).</summary>
public sealed class StreamTests
{
    [Fact]
    public void The_first_frame_begins_with_open_and_features_declare_their_prefix()
    {
        var ann = new World().Dials();
        ann.Sends("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>");
        Assert.StartsWith("<open ", ann.Frames[0], StringComparison.Ordinal);
        ann.Receives("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='meet.jitsi' version='1.0' id='*'/>");
        Assert.StartsWith("<stream:features xmlns:stream=\"http://etherx.jabber.org/streams\"", ann.Frames[1], StringComparison.Ordinal);
        ann.Receives("<features xmlns='http://etherx.jabber.org/streams'><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>ANONYMOUS</mechanism></mechanisms></features>");
    }

    [Fact]
    public void An_anonymous_user_is_a_lower_case_uuid_whose_first_digits_make_the_nick()
    {
        var ann = new World().Connects();
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}@meet.jitsi/[0-9a-f]+$", ann.FullJid);
    }

    [Fact]
    public void Features_after_authentication_offer_bind_and_stream_management_and_no_session()
    {
        var ann = new World().Dials();
        World.LogsIn(ann);
        ann.Eventually("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        ann.Receives("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
        ann.Receives("<features xmlns='http://etherx.jabber.org/streams' missing='session'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/></features>");
    }

    [Fact]
    public void Every_stanza_declares_the_client_namespace_itself()
    {
        var world = new World();
        var ann = world.Enters();
        Assert.All(ann.Frames.Where(frame => frame.StartsWith("<presence", StringComparison.Ordinal) || frame.StartsWith("<message", StringComparison.Ordinal) || frame.StartsWith("<iq", StringComparison.Ordinal)),
            frame => Assert.Contains("xmlns=\"jabber:client\"", frame[..frame.IndexOf('>', StringComparison.Ordinal)], StringComparison.Ordinal));
        // Within an element a child declares a namespace only where it changes: clients look for the literal attribute, and an empty one would take the child out of it.
        Assert.All(ann.Frames, frame => Assert.DoesNotContain("<item xmlns", frame, StringComparison.Ordinal));
        Assert.Contains(ann.Frames, frame => frame.Contains("<x xmlns=\"http://jabber.org/protocol/muc#user\"><item ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_refusal_is_spelled_so_that_the_client_finds_its_text()
    {
        var world = new World { Admission = new Refusal() };
        var ann = world.Dials(token: "bad");
        ann.Sends("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>");
        ann.Sends("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
        Assert.Equal("<failure xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\"><not-allowed/><text>Invalid signature</text></failure>", ann.Frames[^1]);
        ann.Sends("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
        Assert.True(ann.SocketOpen);
        ann.Sends("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
        Assert.Equal(SessionEndReason.NotAuthorized, ann.ClosedBecause);
    }

    [Fact]
    public void A_password_login_gets_its_account_and_a_host_without_anonymous_offers_none()
    {
        var world = new World { Admission = new Accounts() };
        var ann = world.Dials();
        ann.Sends("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>");
        Assert.DoesNotContain("ANONYMOUS", ann.Frames[1], StringComparison.Ordinal);
        ann.Sends($"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{Convert.ToBase64String("\0Ann\0secret"u8)}</auth>");
        ann.Sends("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>");
        ann.Sends("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        Assert.StartsWith("ann@meet.jitsi/", ann.Session.FullJid, StringComparison.Ordinal);
        Assert.Equal("ann@meet.jitsi", ann.Session.Info.Context.Identity);
    }

    private static string Sasl(string name, string text, string attributes = "") =>
        $"<{name} xmlns='urn:ietf:params:xml:ns:xmpp-sasl'{attributes}>{(text is "" or "=" ? text : Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text)))}</{name}>";

    [Fact]
    public void An_exchange_of_several_steps_carries_its_state_from_one_to_the_next()
    {
        var world = new World { Admission = new Riddles() };
        var ann = world.Dials();
        ann.Sends("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>");
        ann.Sends(Sasl("auth", "first", " mechanism='RIDDLE'"));
        Assert.Equal(Sasl("challenge", "asked first").Replace('\'', '"'), ann.Frames[^1]);
        ann.Sends(Sasl("response", "second"));
        Assert.Equal(Sasl("success", "done first second").Replace('\'', '"'), ann.Frames[^1]);
        ann.Sends("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>");
        ann.Sends("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        Assert.StartsWith("riddler@meet.jitsi/", ann.Session.FullJid, StringComparison.Ordinal);
    }

    // After an abort, a failure or a second auth element nothing is left of the exchange before.
    [Theory]
    [InlineData("<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "aborted")]
    [InlineData("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='RIDDLE'/>", "malformed-request")]
    [InlineData("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>no base64</response>", "incorrect-encoding")]
    [InlineData("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>eA==</response>", "not-authorized")]
    [InlineData("<other xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "malformed-request")]
    public void An_exchange_that_breaks_off_is_forgotten(string instead, string condition)
    {
        var ann = new World { Admission = new Riddles() }.Dials();
        ann.Sends("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>");
        ann.Sends(Sasl("auth", "first", " mechanism='RIDDLE'"));
        ann.Sends(instead);
        ann.Eventually($"<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><{condition}/></failure>");
        ann.Sends(Sasl("response", "second"));
        ann.Eventually("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><invalid-mechanism/></failure>");
    }

    [Fact]
    public void An_exchange_without_end_is_refused()
    {
        var ann = new World { Admission = new Riddles() }.Dials();
        ann.Sends("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>");
        ann.Sends(Sasl("auth", "again", " mechanism='RIDDLE'"));
        for (var step = 1; step < SignallingLimits.AuthenticationSteps; step++)
        {
            ann.Sends(Sasl("response", "again"));
            Assert.StartsWith("<challenge", ann.Frames[^1], StringComparison.Ordinal);
        }

        ann.Sends(Sasl("response", "again"));
        Assert.StartsWith("<failure", ann.Frames[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='elsewhere.org' version='1.0'/>", "host-unknown", SessionEndReason.UnknownHost)]
    [InlineData("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0'/>", "improper-addressing", SessionEndReason.BadFraming)]
    [InlineData("<stream xmlns='urn:x'/>", "invalid-namespace", SessionEndReason.BadFraming)]
    [InlineData("hello", "not-well-formed", SessionEndReason.NotWellFormed)]
    [InlineData("<!DOCTYPE x><x/>", "restricted-xml", SessionEndReason.RestrictedXml)]
    public void A_bad_beginning_gets_a_header_an_error_and_a_close(string frame, string condition, SessionEndReason reason)
    {
        var ann = new World().Dials();
        ann.SendsRaw(frame);
        ann.Receives("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
        ann.Receives($"<error xmlns='http://etherx.jabber.org/streams'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>");
        Assert.Equal("<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" />", ann.Frames[^1]);
        Assert.Equal(reason, ann.ClosedBecause);
    }

    [Fact]
    public void A_stanza_before_authentication_is_not_authorized()
    {
        var ann = new World().Dials();
        ann.Sends("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>");
        ann.Sends("<message to='call@muc.meet.jitsi'/>");
        ann.Eventually("<error xmlns='http://etherx.jabber.org/streams'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>");
    }

    [Fact]
    public void The_sender_cannot_write_another_address()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        bob.Forgets();
        ann.Sends($"<message type='groupchat' to='call@muc.meet.jitsi' from='call@muc.meet.jitsi/{bob.Nick}'><body>x</body></message>");
        bob.Receives($"<message from='call@muc.meet.jitsi/{ann.Nick}'><body>x</body></message>");
    }

    [Fact]
    public void Close_is_answered_and_ends_the_session()
    {
        var world = new World();
        var ann = world.Enters();
        var bob = world.Enters();
        bob.Forgets();
        ann.Sends("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
        Assert.Equal("<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" />", ann.Frames[^1]);
        bob.Receives($"<presence type='unavailable' from='call@muc.meet.jitsi/{ann.Nick}'/>");
    }

    private sealed class Refusal : IAdmission
    {
        public ValueTask<IReadOnlyList<string>?> MechanismsAsync(string host, CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<string>?>(["ANONYMOUS"]);

        public ValueTask<AdmissionResult> AdmitAsync(AdmissionRequest request, CancellationToken cancellation) =>
            ValueTask.FromResult<AdmissionResult>(new AdmissionResult.Refused("not-allowed", "Invalid signature"));
    }

    private sealed class Accounts : IAdmission
    {
        public ValueTask<IReadOnlyList<string>?> MechanismsAsync(string host, CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<string>?>(["PLAIN"]);

        public ValueTask<AdmissionResult> AdmitAsync(AdmissionRequest request, CancellationToken cancellation) =>
            ValueTask.FromResult<AdmissionResult>(SaslPlain.TryParse(request.Message.Span, out var plain) && plain.Password == "secret" ? new AdmissionResult.Admitted(plain.Username, new SessionContext { Identity = $"{plain.Username.ToLowerInvariant()}@{request.Host}" }) : new AdmissionResult.Refused("not-authorized"));
    }

    private sealed class Riddles : IAdmission
    {
        public ValueTask<IReadOnlyList<string>?> MechanismsAsync(string host, CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<string>?>(["RIDDLE"]);

        public ValueTask<AdmissionResult> AdmitAsync(AdmissionRequest request, CancellationToken cancellation)
        {
            var message = System.Text.Encoding.UTF8.GetString(request.Message.Span);
            var state = System.Text.Encoding.UTF8.GetString(request.State.Span);
            return ValueTask.FromResult<AdmissionResult>(
                message == "again" || state.Length == 0 ? new AdmissionResult.Challenged(System.Text.Encoding.UTF8.GetBytes("asked " + message), request.Message)
                : message == "second" ? new AdmissionResult.Admitted("Riddler", SessionContext.Empty) { Message = System.Text.Encoding.UTF8.GetBytes($"done {state} second") }
                : new AdmissionResult.Refused("not-authorized"));
        }
    }
}
