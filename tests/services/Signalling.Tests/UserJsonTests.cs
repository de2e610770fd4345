using System.Text;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Tests.Scripts;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests;

/// <summary>JSON of clients is read through at the border: what cannot be read is refused to its sender, and nothing that was read fails later.</summary>
public sealed class UserJsonTests
{
    private const string Call = "call@muc.meet.jitsi";

    /// <summary>Texts that are no object, or not one, or too much of one.</summary>
    private static readonly string[] Broken =
    [
        "", " ", "x", "null", "true", "5", "\"text\"", "[]", "[{\"type\":\"x\"}]", "{", "{}{}", "{} x", "{\"type\":\"x\",}", "{'type':'x'}", "{type:1}", "{\"type\":NaN}", "{\"type\":01}",
        "{\"type\":\"x\\ud83d\"}", "{\"type\":\"\\ude00x\"}", "{\"\\ud83d\":1}", "{\"type\":{\"deep\":[\"\\ud83d\\u0041\"]}}", "{\"type\":\"\\ud83d\\ud83d\"}",
        "{\"type\":\"a\",\"type\":\"b\"}", "{\"type\":\"a\",\"data\":{\"x\":1,\"\\u0078\":2}}", "{\"type\":\"a\\q\"}", "{\"type\":\"\u0000\"}", "{\"type\":\"a\nb\"}", "/* x */{}",
        Nested(SignallingLimits.JsonDepth + 1), Nested(10_000), Many(SignallingLimits.JsonValues + 1), $"{{\"type\":\"{new string('x', SignallingLimits.JsonOctets)}\"}}",
    ];

    public static TheoryData<string> Unreadable => [.. Broken];

    [Theory]
    [MemberData(nameof(Unreadable))]
    public void What_cannot_be_read_through_is_no_value(string text)
    {
        Assert.Null(JsonText.TryObject(text));
        Assert.Null(JsonText.TryObject(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_no_text_unescaped_either()
    {
        Assert.Null(JsonText.TryObject("{\"a\":\"x\ud83d\"}"));
        Assert.Null(JsonText.TryObject([.. "{\"a\":\""u8, 0xED, 0xA0, 0xBD, .. "\"}"u8]));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"a\":\"\\ud83d\\ude00 😀 é \\u0000 \\\"<&>\"}")]
    [InlineData("{\"a\":[1,-0.5e-7,1e999,true,false,null,[],{}],\"\":{\"a\":{\"a\":1}}}")]
    public void What_was_read_is_written_the_same_and_read_again(string text)
    {
        var read = JsonText.TryObject(text)!;
        var again = JsonText.TryObject(read.ToJson())!;
        Assert.Equal(read, again);
        Assert.Equal(read.ToJson(), again.ToJson());
        Assert.Equal(read, JsonText.TryStored(Encoding.UTF8.GetBytes(read.ToJson())));
    }

    [Fact]
    public void Values_compare_by_content_and_change_only_as_copies()
    {
        var one = JsonText.TryObject("{\"a\":1,\"b\":[true,\"x\"]}")!;
        Assert.Equal(one, JsonText.TryObject("{\"b\":[true,\"x\"],\"a\":1}"));
        foreach (var other in (string[])["{\"a\":1}", "{\"a\":1,\"b\":[true,\"y\"]}", "{\"a\":1,\"b\":[\"x\",true]}", "{\"a\":\"1\",\"b\":[true,\"x\"]}", "{\"a\":1,\"c\":[true,\"x\"]}"]) Assert.NotEqual(one, JsonText.TryObject(other));
        Assert.Equal("{\"a\":1,\"b\":true,\"c\":\"y\"}", one.With("b", UserJson.Of(true)).With("c", UserJson.Of("y")).ToJson());
        Assert.Equal("{\"a\":1}", one.With("b", null).With("unknown", null).ToJson());
        Assert.Equal("{\"a\":1,\"b\":[true,\"x\"]}", one.ToJson());
        Assert.Null(one["b"]!["a"]);
        Assert.Null(one.String("a"));
    }

    /// <summary>Every way in which JSON of a client comes to a room.</summary>
    public static TheoryData<string, string> Ways => new()
    {
        { "metadata", "<message id='j' to='metadata.meet.jitsi'><room_metadata xmlns='http://jitsi.org/jitmeet' room='call@muc.meet.jitsi'>{0}</room_metadata></message>" },
        { "poll", "<message id='j' type='chat' to='polls.meet.jitsi'><json-message xmlns='http://jitsi.org/jitmeet'>{0}</json-message></message>" },
        { "groupchat", "<message id='j' type='groupchat' to='call@muc.meet.jitsi'><json-message xmlns='http://jitsi.org/jitmeet'>{0}</json-message></message>" },
        { "groupchat with a body", "<message id='j' type='groupchat' to='call@muc.meet.jitsi'><body>b</body><json-message xmlns='http://jitsi.org/jitmeet'>{0}</json-message></message>" },
        { "groupchat, foreign namespace", "<message id='j' type='groupchat' to='call@muc.meet.jitsi'><json-message xmlns='urn:x'>{0}</json-message></message>" },
        { "groupchat, the second one", "<message id='j' type='groupchat' to='call@muc.meet.jitsi'><json-message xmlns='http://jitsi.org/jitmeet'>{{\"type\":\"x\"}}</json-message><json-message xmlns='http://jitsi.org/jitmeet'>{0}</json-message></message>" },
        { "private", "<message id='j' type='chat' to='call@muc.meet.jitsi/BOB'><json-message xmlns='http://jitsi.org/jitmeet'>{0}</json-message></message>" },
        { "private without type", "<message id='j' to='call@muc.meet.jitsi/BOB'><json-message xmlns='http://jitsi.org/jitmeet'>{0}</json-message></message>" },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Whatever_is_unreadable_is_refused_to_its_sender_alone(string way, string stanza)
    {
        Assert.NotEmpty(way);
        var world = new World();
        var (ann, bob) = (world.Enters(), world.Enters());
        world.Focus.MakesOwner(Call, ann.BareJid);
        world.Brings(ann, "<message to='metadata.meet.jitsi'><room_metadata xmlns='http://jitsi.org/jitmeet' room='call@muc.meet.jitsi'>{\"key\":\"title\",\"data\":{\"x\":\"a\"}}</room_metadata></message>");
        string[] own = way switch
        {
            "metadata" => ["{\"key\":5,\"data\":{}}", "{\"key\":\"\",\"data\":{}}", "{\"key\":\"a\"}", "{\"key\":\"a\",\"data\":null}", "{\"key\":\"title\",\"data\":{\"x\":\"a\\ud83d\"}}", "{\"key\":{},\"data\":1}", "{\"key\":\"a\\ud83d\",\"data\":1}", "{\"key\":\"a\",\"data\":1,\"data\":2}", $"{{\"key\":\"{new string('k', SignallingLimits.MetadataKeyLength + 1)}\",\"data\":1}}"],
            "poll" => [Poll("\"Q\\ud83d\"", "[{\"name\":\"A\"}]"), Poll("5", "[{\"name\":\"A\"}]"), Poll("\"Q\"", "[]"), Poll("\"Q\"", "[5]"), Poll("\"Q\"", "{}"), Poll("\"Q\"", "[{\"name\":5}]"), Poll("\"Q\"", "[{\"name\":\"\\udc00\"}]"), "{\"type\":\"polls\",\"command\":5,\"pollId\":\"p\"}", "{\"type\":\"polls\",\"command\":\"new-poll\",\"pollId\":5}", "{\"type\":5}"],
            _ => [],
        };
        foreach (var text in Broken.Concat(own))
        {
            if (text.Contains('\0', StringComparison.Ordinal)) continue;
            var stored = world.StoredState;
            ann.Forgets();
            bob.Forgets();
            var xml = string.Format(System.Globalization.CultureInfo.InvariantCulture, stanza.Replace("BOB", bob.Nick, StringComparison.Ordinal), XmppSerializer.EscapeAttribute(text));
            world.Brings(ann, xml);
            ann.Receives("<message type='error' id='j'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
            ann.ReceivesNothing();
            bob.ReceivesNothing();
            Assert.Equal(stored, world.StoredState);
            world.Passes(TimeSpan.FromSeconds(5));
        }

        // The room can be joined, and what was said before is there.
        var cid = world.Enters();
        Assert.Contains("\"title\":{\"x\":\"a\"}", cid.Eventually("<message from='metadata.meet.jitsi'/>").Child("json-message")!.Text, StringComparison.Ordinal);
        cid.Eventually($"<presence from='{Call}/{cid.Nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>");
    }

    [Fact]
    public void What_a_token_says_in_unreadable_JSON_is_nothing()
    {
        var world = new World { Admission = new OddTokens() };
        var ann = world.Enters(token: "t");
        var bob = world.Enters();
        Assert.DoesNotContain(bob.Inbox, stanza => stanza.Child("identity") is not null);
        world.Focus.MakesOwner(Call, ann.BareJid);
        ann.Forgets();
        ann.Sends($"<iq type='set' id='r' to='{Call}/focus'><jibri xmlns='http://jitsi.org/protocol/jibri' action='start' recording_mode='file'/></iq>");
        ann.Receives("<iq type='error' id='r'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    private static string Poll(string question, string answers) => $"{{\"type\":\"polls\",\"command\":\"new-poll\",\"pollId\":\"p\",\"question\":{question},\"answers\":{answers}}}";

    private static string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);

    private static string Many(int values) => $"{{\"a\":[{string.Join(',', Enumerable.Repeat('1', values - 2))}]}}";

    private sealed class OddTokens : Sessions.IAdmission
    {
        public ValueTask<IReadOnlyList<string>?> MechanismsAsync(string host, CancellationToken cancellation) => ValueTask.FromResult<IReadOnlyList<string>?>(["ANONYMOUS"]);

        public ValueTask<Sessions.AdmissionResult> AdmitAsync(Sessions.AdmissionRequest request, CancellationToken cancellation) =>
            ValueTask.FromResult<Sessions.AdmissionResult>(new Sessions.AdmissionResult.Admitted("", new SessionContext { UserContext = request.Token is null ? null : "{\"name\":\"a\\ud83d\"}", Features = request.Token is null ? null : "{\"recording\":true,\"recording\":true}" }));
    }
}
