using JitsiMesh.Primitives;
using JitsiMesh.Signalling.Http;
using JitsiMesh.Signalling.Links;
using JitsiMesh.Signalling.Modules.Administration;
using JitsiMesh.Signalling.Muc;
using JitsiMesh.Signalling.Routing;
using JitsiMesh.Signalling.Sessions;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Administration;

/// <summary>Asks a room's owner, on whichever node it is, by an IQ from an address that exists for this question alone.</summary>
public sealed class RoomQuestions(SignallingDomains domains, SessionRegistry sessions, RoomDoor rooms, OwnQueue queue, IRandomSource random, MeshClock clock)
{
    /// <param name="room">The stored address of the room.</param>
    /// <param name="question">A request of <see cref="AdministrationModule"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The answering IQ; null when none came in time.</returns>
    public async Task<XmppElement?> AskAsync(Jid room, XmppElement question, CancellationToken cancellation)
    {
        var sink = new AnswerSink();
        var asker = SessionInfo.Of(Jid.Create(AdministrationModule.Sender, domains.AuthDomain, $"http-{random.NextUuid()}"), queue.Name);
        var name = room.Bare.ToString();
        sessions.TryAdd(asker.FullJid, sink);
        try
        {
            await rooms.PostAsync(new RoomInput(name, Stanzas.Iq("set", "http", name, question, asker.FullJid), asker), cancellation);
            return await sink.Answer.WaitAsync(SignallingLimits.AdministrationTime, clock.Time, cancellation);
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            sessions.Remove(asker.FullJid);
        }
    }

    /// <summary>The HTTP status of an answer: 404 for a room or somebody that is not there, 503 for none.</summary>
    public static int StatusOf(XmppElement? answer) => answer switch
    {
        null => 503,
        _ when answer["type"] != "error" => 200,
        _ => StanzaError.Read(answer).Condition switch { "item-not-found" => 404, "bad-request" => 400, "forbidden" or "not-allowed" => 403, _ => 500 },
    };
}
