using JitsiMesh.Contracts;
using JitsiMesh.Contracts.Links;
using JitsiMesh.Contracts.Store;
using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Reservations;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests.Scripts;

/// <summary>
/// A deployment of the real cores, without sockets, threads or clocks: everything that one input causes has happened when the call
/// returns. Rooms belong to one owner, which can be replaced (<see cref="RoomsMove"/>); sessions to any of several nodes.
/// </summary>
public sealed class World
{
    private readonly Queue<Action> _pending = new();
    private readonly Queue<StanzaEnvelope> _unheard = new();
    private readonly Dictionary<int, RoomPartition> _partitions = [];
    private readonly Dictionary<string, Dictionary<string, byte[]>> _store = new(StringComparer.Ordinal);
    private readonly SeededRandomSource _random = new(20260824);
    private readonly RoomOutputs _roomOutputs = new();

    public World(Action<SignallingOptions>? configure = null, int nodes = 1)
    {
        configure?.Invoke(Options);
        Features = new SignallingFeatures(Options);
        for (var i = 0; i < nodes; i++) Nodes.Add(new Node($"signalling.node.{i}", Features.CreateRouter(_random)));
        Focus = new ScriptedFocus(this);
        Admission = new AnonymousAdmission(Features.Domains);
    }

    public SignallingOptions Options { get; } = new();

    public SignallingFeatures Features { get; }

    public IAdmission Admission { get; set; }

    public List<Node> Nodes { get; } = [];

    /// <summary>What was refused at its acceptance, and what failed.</summary>
    public List<StreamEffect> Effects { get; } = [];

    public ScriptedFocus Focus { get; }

    /// <summary>Changes what rooms are made of: tests put features in that fail.</summary>
    public Func<RoomContext, RoomContext>? Fits { get; set; }

    /// <summary>What went wrong inside rooms. A script that does not say so beforehand expects nothing.</summary>
    public List<RoomFailure>? Failures { get; set; }

    /// <summary>What the last inputs put out, before it was delivered; null where nobody counts.</summary>
    public Action<RoomOutputs>? PutOut { get; set; }

    /// <summary>Carries a session's stanza to its room's owner; null where both are in one node.</summary>
    public Func<RoomInput, RoomInput>? Carries { get; set; }

    /// <summary>What rooms say to each other waits for <see cref="RoomsHear"/>, as while an owner is away.</summary>
    public bool RoomsAreDeaf { get; set; }

    /// <summary>What the reservation system was asked, in order.</summary>
    public List<ReservationCall> Calls { get; } = [];

    public MeshInstant Now { get; private set; } = new(MonotonicTime.FromSeconds(1000), new DateTimeOffset(2026, 8, 24, 9, 0, 0, TimeSpan.Zero));

    public static string WithClientNamespace(string xml)
    {
        var end = xml.AsSpan().IndexOfAny(" />");
        var head = xml.AsSpan(0, xml.IndexOf('>', StringComparison.Ordinal));
        return head.Contains(" xmlns=", StringComparison.Ordinal) ? xml : $"{xml.AsSpan(0, end)} xmlns='jabber:client'{xml.AsSpan(end)}";
    }

    /// <summary>A client that has opened its socket and sent nothing.</summary>
    public Client Dials(string? room = "call", string? tenant = null, string? token = null, string? previousId = null, string host = "meet.jitsi", int node = 0, string? region = null, string? address = null)
    {
        var connection = new ClientRequest { Room = room, Tenant = tenant, Token = token, PreviousId = previousId, Region = region, AddressTag = address };
        var at = Nodes[node];
        return new Client(this, at, connection, host) { Stream = new XmppStream(at.Router, connection, at.Queue, Options.HibernationTime) };
    }

    /// <summary>A client up to its full JID, with stream management as the stock client enables it; its inbox is empty.</summary>
    public Client Connects(string? room = "call", string? tenant = null, string? token = null, string host = "meet.jitsi", int node = 0, bool management = true, string? region = null, string? address = null)
    {
        var client = Dials(room, tenant, token, null, host, node, region, address);
        LogsIn(client);
        client.Sends("<iq type='set' id='_bind_auth_2'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        client.FullJid = client.Eventually("<iq type='result' id='_bind_auth_2'/>").Child("bind")!.Child("jid")!.Text;
        if (management) client.Sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        client.Forgets();
        return client;
    }

    /// <summary>Opens and authenticates anonymously, up to the second features.</summary>
    public static void LogsIn(Client client)
    {
        client.Sends($"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='{client.Host}' version='1.0'/>");
        client.Sends("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
        client.Sends($"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='{client.Host}' version='1.0'/>");
    }

    /// <summary>Connects, has focus open the room, and joins.</summary>
    public Client Enters(string room = "call@muc.meet.jitsi", int node = 0, string? extra = null, string? token = null)
    {
        var client = Connects(Jid.Parse(room).Local, node: node, token: token);
        Focus.Enters(room);
        client.Joins(room, extra: extra);
        return client;
    }

    public Room Room(string jid) => Partition(Partitions.Of(jid)).Rooms[jid];

    public bool HasRoom(string jid) => Partition(Partitions.Of(jid)).Rooms.ContainsKey(jid);

    public void Passes(TimeSpan time)
    {
        Now = new MeshInstant(Now.Now + time, Now.Utc + time);
        foreach (var node in Nodes)
        {
            foreach (var session in node.Sessions.Values.ToArray())
            {
                session.Tick(Now, node.Outputs);
                Collect(node, null, session);
            }
        }

        foreach (var partition in _partitions.Values)
        {
            partition.Tick(Now, _roomOutputs);
            Collect();
        }

        Settle();
    }

    /// <summary>Another owner takes all rooms over from the store, as after the death of the first.</summary>
    public void RoomsMove()
    {
        foreach (var number in _partitions.Keys.ToArray())
        {
            var partition = Create(number);
            foreach (var (key, fields) in _store.Where(pair => pair.Key.StartsWith(Muc.Room.KeyPrefix(number), StringComparison.Ordinal))) partition.Restore(key, new StoredDocument(1, fields));
            _partitions[number] = partition;
        }
    }

    /// <summary>The same while a feature fails on purpose: it takes its state over first.</summary>
    public void RoomsMoveQuietly(FailurePlan plan)
    {
        var hook = plan.Hook;
        plan.Hook = null;
        RoomsMove();
        plan.Hook = hook;
    }

    /// <summary>When the owner of a room wants to tick.</summary>
    public MonotonicTime Deadline(string room) => Partition(Partitions.Of(room)).Deadline;

    /// <summary>The owners look at which nodes live.</summary>
    public void NodesLive(params int[] nodes)
    {
        var live = nodes.Select(node => Nodes[node].Queue).ToHashSet();
        foreach (var partition in _partitions.Values) partition.LiveQueues(live, Now);
    }

    public IReadOnlyCollection<string> StoreKeys => _store.Keys;

    /// <summary>All that is stored, as text.</summary>
    public string StoredState => string.Join('\n', _store.OrderBy(document => document.Key, StringComparer.Ordinal)
        .SelectMany(document => document.Value.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{document.Key} {one.Key} {System.Text.Encoding.UTF8.GetString(one.Value)}")));

    public void FromService(StanzaEnvelope envelope)
    {
        var number = Partitions.Of(envelope.Room);
        if (LinkInput.FromEnvelope(envelope, Features.Domains, Partition(number).Context.FocusQueue) is { } input) _pending.Enqueue(() => ToPartition(number, input));
    }

    /// <summary>A room is lost without a word, as with a store that was emptied.</summary>
    public void Loses(string room)
    {
        var number = Partitions.Of(room);
        _store.Remove(Muc.Room.KeyPrefix(number) + room);
        _partitions.Remove(number);
        var partition = Create(number);
        foreach (var (key, fields) in _store.Where(pair => pair.Key.StartsWith(Muc.Room.KeyPrefix(number), StringComparison.Ordinal))) partition.Restore(key, new StoredDocument(1, fields));
        _partitions[number] = partition;
    }

    /// <summary>What rooms said to each other while they were deaf arrives.</summary>
    public void RoomsHear()
    {
        RoomsAreDeaf = false;
        while (_unheard.TryDequeue(out var envelope)) FromService(envelope);
        Settle();
    }

    /// <summary>Brings a stanza of a client to its room past the session, whose own limits are tested elsewhere.</summary>
    public void Brings(Client client, string xml)
    {
        var stanza = XmppParser.Parse(WithClientNamespace(xml));
        stanza["from"] = client.FullJid;
        var named = Jid.TryParse(stanza["to"], out var to) && Features.Domains.KindOf(to.Domain) is Routing.DomainKind.Muc or Routing.DomainKind.Lobby ? to.Bare.ToString() : $"{client.Session.Info.Context.Room}@muc.meet.jitsi";
        _pending.Enqueue(() => ToPartition(Partitions.Of(named), new RoomInput(named, stanza, client.Session.Info)));
        Settle();
    }

    /// <summary>An answer of the reservation system, by the way that it takes to the room.</summary>
    public void ReservationSays(ReservationCall call, ReservationReply reply, string sender = ReservationReply.Sender)
    {
        var from = SessionInfo.Of(Jid.Create(sender, "auth.meet.jitsi", "http"), Nodes[0].Queue);
        var iq = Stanzas.Iq("set", "reservation", call.Room, reply.ToElement(call.Attempt), from.FullJid);
        _pending.Enqueue(() => ToPartition(Partitions.Of(call.Room), new RoomInput(call.Room, iq, from)));
        Settle();
    }

    public void Run(Client client)
    {
        Collect(client.Node, client, null);
        Settle();
    }

    public void Settle()
    {
        while (_pending.TryDequeue(out var action)) action();
    }

    private RoomPartition Partition(int number)
    {
        if (_partitions.TryGetValue(number, out var partition)) return partition;
        return _partitions[number] = Create(number);
    }

    private RoomPartition Create(int number)
    {
        var partition = Features.CreatePartition(number, _random);
        return Fits is null ? partition : new RoomPartition(Fits(partition.Context));
    }

    private void ToPartition(int number, RoomInput input)
    {
        Partition(number).Handle(input, Now, _roomOutputs);
        Collect();
    }

    private void Collect()
    {
        PutOut?.Invoke(_roomOutputs);
        if (Failures is not null) Failures.AddRange(_roomOutputs.Failures);
        else if (_roomOutputs.Failures.Count > 0) throw new Xunit.Sdk.XunitException($"A room failed: {_roomOutputs.Failures[0]}");
        foreach (var (key, change) in _roomOutputs.Changes)
        {
            if (change.Deleted)
            {
                _store.Remove(key);
                continue;
            }

            if (!_store.TryGetValue(key, out var fields)) _store[key] = fields = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            foreach (var (field, value) in change.Fields)
            {
                if (value is null) fields.Remove(field);
                else fields[field] = value;
            }
        }

        Calls.AddRange(_roomOutputs.Calls);
        foreach (var delivery in _roomOutputs.Deliveries)
        {
            foreach (var recipient in delivery.To)
            {
                if (recipient.FullJid == delivery.Except) continue;
                var node = Nodes.Find(node => node.Queue == recipient.Queue);
                if (node is not null && node.Sessions.TryGetValue(recipient.FullJid, out var session)) _pending.Enqueue(() => Deliver(node, session, delivery.Frame));
            }
        }

        foreach (var service in _roomOutputs.Services)
        {
            var envelope = service.Envelope;
            if (envelope.FromRoom is null) _pending.Enqueue(() => Focus.Got(envelope));
            else if (RoomsAreDeaf) _unheard.Enqueue(envelope);
            else FromService(envelope);
        }

        _roomOutputs.Clear();
    }

    private void Deliver(Node node, XmppSession session, OutboundFrame frame)
    {
        session.Deliver(frame, Now, node.Outputs);
        Collect(node, null, session);
    }

    private void Collect(Node node, Client? client, XmppSession? session)
    {
        if (client is null && session is not null) node.Clients.TryGetValue(session, out client);
        while (node.Outputs.Frames.Count + node.Outputs.Effects.Count > 0)
        {
            OutboundFrame[] frames = [.. node.Outputs.Frames];
            StreamEffect[] effects = [.. node.Outputs.Effects];
            node.Outputs.Clear();
            if (client is { SocketOpen: true })
            {
                foreach (var frame in frames) client.Got(frame);
            }

            foreach (var effect in effects) Do(node, client, effect);
        }
    }

    private void Do(Node node, Client? client, StreamEffect effect)
    {
        switch (effect)
        {
            case DescribeHost describe:
                client!.Stream.HostDescribed(Admission.MechanismsAsync(describe.Host, CancellationToken.None).AsTask().GetAwaiter().GetResult(), Now, node.Outputs);
                break;
            case Admit admit:
                var previous = admit.PreviousId is { } id && node.Resumable.TryGetValue(id, out var lost) ? lost.Info.Jid.Local : null;
                client!.Stream.Admitted(Admission.AdmitAsync(admit.Request, CancellationToken.None).AsTask().GetAwaiter().GetResult(), previous, Now, node.Outputs);
                break;
            case SessionBound bound:
                node.Sessions[bound.Session.FullJid] = bound.Session;
                node.Clients[bound.Session] = client!;
                break;
            case SessionResumable resumable:
                node.Resumable[resumable.ResumeId] = resumable.Session;
                break;
            case FindSession find:
                Find(node, client!, find);
                break;
            case ToRoom toRoom:
                var input = Carries?.Invoke(toRoom.Input) ?? toRoom.Input;
                _pending.Enqueue(() => ToPartition(Partitions.Of(input.Room), input));
                break;
            case StanzaRefused or StanzaFailed:
                Effects.Add(effect);
                break;
            case CloseSocket close:
                client!.SocketOpen = false;
                client.ClosedBecause = close.Reason;
                break;
            case SessionEnded ended:
                node.Sessions.Remove(ended.Session.FullJid);
                if (ended.Session.ResumeId is { } resumeId) node.Resumable.Remove(resumeId);
                break;
        }
    }

    private void Find(Node node, Client client, FindSession find)
    {
        if (!node.Resumable.TryGetValue(find.PreviousId, out var session))
        {
            client.Stream.ResumeFailed(node.Outputs);
            return;
        }

        if (session.IsAttached && node.Clients.TryGetValue(session, out var old))
        {
            old.SocketOpen = false;
            old.ClosedBecause = SessionEndReason.Resumed;
            old.Stream.SocketClosed(SessionEndReason.Resumed, Now, node.Outputs);
        }

        client.Stream.Resume(session, Now, node.Outputs);
        if (client.Stream.Session is not null)
        {
            node.Clients[session] = client;
            client.FullJid = session.FullJid;
        }
    }
}
