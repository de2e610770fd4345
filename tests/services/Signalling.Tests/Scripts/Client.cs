using System.Text;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests.Scripts;

/// <summary>One client of a script: what it sends, and what it got and has not looked at.</summary>
public sealed class Client(World world, Node node, ClientRequest connection, string host)
{
    private readonly Queue<XmppElement> _inbox = new();

    public World World => world;

    public Node Node => node;

    public ClientRequest Connection => connection;

    public string Host => host;

    public XmppStream Stream { get; set; } = null!;

    public XmppSession Session => Stream.Session ?? throw new InvalidOperationException("Not bound.");

    public string FullJid { get; set; } = "";

    public string BareJid => Jid.Parse(FullJid).Bare.ToString();

    /// <summary>What the client makes its nick of.</summary>
    public string Nick => FullJid[..8];

    /// <summary>Stanzas got since stream management was enabled: its h.</summary>
    public uint Handled { get; set; }

    public string? ResumeId { get; set; }

    public bool SocketOpen { get; set; } = true;

    public SessionEndReason ClosedBecause { get; set; }

    /// <summary>Raw frames, for tests about their literal text.</summary>
    public List<string> Frames { get; } = [];

    public void Sends(string xml)
    {
        Stream.HandleFrame(World.WithClientNamespace(xml), world.Now, node.Outputs);
        world.Run(this);
    }

    public void SendsRaw(string text)
    {
        Stream.HandleFrame(text, world.Now, node.Outputs);
        world.Run(this);
    }

    public void Joins(string room, string? password = null, string? extra = null)
    {
        var x = password is null ? "<x xmlns='http://jabber.org/protocol/muc'/>" : $"<x xmlns='http://jabber.org/protocol/muc'><password>{password}</password></x>";
        Sends($"<presence to='{room}/{Nick}'>{x}{extra}</presence>");
    }

    /// <summary>Takes the next stanza and compares it; stream management requests are passed over.</summary>
    public XmppElement Receives(string pattern)
    {
        if (!_inbox.TryDequeue(out var actual)) throw new Xunit.Sdk.XunitException($"Expected\n  {pattern}\nbut nothing came.");
        if (!Pattern.Matches(XmppParser.Parse(World.WithClientNamespace(pattern)), actual)) throw new Xunit.Sdk.XunitException($"Expected\n  {pattern}\nbut got\n  {actual}\n{Rest()}");
        return actual;
    }

    /// <summary>Takes stanzas until one matches; those before it are given up.</summary>
    public XmppElement Eventually(string pattern)
    {
        var expected = XmppParser.Parse(World.WithClientNamespace(pattern));
        var passed = new StringBuilder();
        while (_inbox.TryDequeue(out var actual))
        {
            if (Pattern.Matches(expected, actual)) return actual;
            passed.Append("  ").Append(actual).AppendLine();
        }

        throw new Xunit.Sdk.XunitException($"Expected\n  {pattern}\nbut got only\n{passed}");
    }

    public void ReceivesNothing()
    {
        if (_inbox.Count > 0) throw new Xunit.Sdk.XunitException($"Expected nothing but got\n{Rest()}");
    }

    public void Forgets() => _inbox.Clear();

    public IReadOnlyList<XmppElement> Inbox => [.. _inbox];

    public void Got(OutboundFrame frame)
    {
        var text = frame.ToText(Stream.Session?.EscapedJid ?? "");
        Frames.Add(text);
        var element = XmppParser.Parse(text);
        if (frame.IsStanza && ResumeId is not null) Handled++;
        if (element.Name == "enabled") ResumeId = element["id"];
        if (element.Name == "r" && element.Namespace == Namespaces.StreamManagement) return;
        _inbox.Enqueue(element);
    }

    /// <summary>The socket breaks without a word.</summary>
    public void LosesSocket()
    {
        SocketOpen = false;
        Stream.SocketClosed(SessionEndReason.ConnectionLost, world.Now, node.Outputs);
        world.Run(this);
    }

    private string Rest() => string.Join('\n', _inbox.Select(element => "  " + element));
}
