using JitsiMesh.Contracts;
using JitsiMesh.Simulation.Tests.Clients;
using JitsiMesh.Simulation.Tests.Nodes;

namespace JitsiMesh.Simulation.Tests.Runs;

/// <summary>The conditions when the mesh is idle. Conditions that must hold at any time are checked where they could be violated.</summary>
public static class Invariants
{
    public static void Check(SimulatedMesh mesh)
    {
        foreach (var room in mesh.Rooms) CheckRoom(mesh, room);
        foreach (var session in mesh.Clients.Select(client => client.Session).OfType<ClientSession>())
        {
            Require(session.Unanswered.Count == 0, $"{session.Nick} was never answered: {string.Join(", ", session.Unanswered)}");
        }

        CheckSpeech(mesh);
    }

    private static void CheckRoom(SimulatedMesh mesh, string name)
    {
        var partition = Partitions.Of(name);
        Require(mesh.LiveSignalling.Count(node => node.Rooms(partition) is not null) == 1, $"{name} has not one owner in signalling");
        Require(mesh.LiveFocus.Count(node => node.Epoch(partition) is not null) == 1, $"{name} has not one owner in focus");
        var room = mesh.SignallingOwner(name)!.Rooms(partition)!.Rooms.GetValueOrDefault(name);
        var conference = mesh.FocusOwner(name)!.Conferences(partition).FirstOrDefault(one => one.Room == name);
        var members = mesh.Clients.Where(client => client.Room == name && client.IsIn).Select(client => client.Session!).ToList();
        var wanting = mesh.Clients.Where(client => client.Room == name && client.Wants).ToList();
        foreach (var client in wanting) Require(client.IsIn, $"client {client.Number} ({client.Session?.Nick}) wants to be in {name} and is not");

        var occupants = room?.Occupants.Select(occupant => occupant.Nick).Where(nick => nick != "focus").ToList() ?? [];
        Same(members.Select(session => session.Nick), occupants, $"{name}: clients that are in, and occupants");
        Same(occupants, conference?.Document.Participants.Select(participant => participant.Nick) ?? [], $"{name}: occupants, and participants of focus");
        foreach (var session in members)
        {
            Require(session.SeesFocus, $"{session.Nick} does not see focus");
            Same(session.Roster.Select(pair => $"{pair.Key} {pair.Value}"), members.Select(one => $"{one.Nick} {one.Version}"), $"{session.Nick}: its roster, and the members with their last presence");
        }

        CheckCall(mesh, name, members, conference);
    }

    private static void CheckCall(SimulatedMesh mesh, string name, List<ClientSession> members, Focus.Conferences.Conference? conference)
    {
        var meeting = conference?.Document.Core.MeetingId ?? "";
        var onBridges = mesh.Bridges.SelectMany(bridge => bridge.Conferences).Where(pair => pair.Key == meeting).ToList();
        Require(onBridges.Count <= 1, $"{name} is on two bridges");
        var endpoints = onBridges.Count == 0 ? [] : onBridges[0].Value.Endpoints;
        if (members.Count >= 2)
        {
            foreach (var session in members) Require(session.HasMedia, $"{session.Nick} has no session with focus");
            Same(members.Select(session => session.Nick), endpoints.Keys, $"{name}: members, and endpoints on the bridge");
        }

        foreach (var session in members.Where(session => session.HasMedia))
        {
            var own = session.OwnSources.Select(source => source.Ssrc.ToString(System.Globalization.CultureInfo.InvariantCulture)).ToList();
            Same(own, Text(conference!.Document.Find(session.Nick)!.Sources.Sources.Select(source => source.Ssrc)), $"{session.Nick}: its sources, and those that focus knows");
            Same(own, Text(endpoints.GetValueOrDefault(session.Nick)?.Ssrcs ?? []), $"{session.Nick}: its sources, and those that the bridge knows");
            foreach (var other in members.Where(other => other != session && other.HasMedia))
            {
                Same(Text(other.OwnSources.Select(source => source.Ssrc)), Text(session.RemoteSources.GetValueOrDefault(other.Nick) ?? []), $"{other.Nick}'s sources, and those that {session.Nick} was told");
            }
        }

        foreach (var other in members.SelectMany(session => session.RemoteSources.Keys.Where(owner => members.TrueForAll(one => one.Nick != owner)), (session, owner) => (session, owner)))
        {
            Require(false, $"{other.session.Nick} still has sources of {other.owner}, who left");
        }
    }

    // A client that was in the room since before a message must have received it; that no client received it twice is checked on arrival.
    private static void CheckSpeech(SimulatedMesh mesh)
    {
        foreach (var (speaker, text, at) in mesh.Speech.Where(one => one.Session is { IsLive: true, IsIn: true } && one.Session.InSince < one.At))
        {
            foreach (var session in mesh.Clients.Select(client => client.Session).OfType<ClientSession>().Where(session => session.IsIn && session.Room == speaker.Room && session.InSince < at))
            {
                Require(session.Messages.Contains(text), $"{session.Nick} never got {text}");
            }
        }
    }

    private static IEnumerable<string> Text(IEnumerable<uint> ssrcs) => ssrcs.Select(ssrc => ssrc.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static void Same(IEnumerable<string> left, IEnumerable<string> right, string what)
    {
        var (a, b) = (string.Join(' ', left.Order(StringComparer.Ordinal)), string.Join(' ', right.Order(StringComparer.Ordinal)));
        Require(a == b, $"{what}: [{a}] and [{b}]");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new InvariantException(otherwise);
    }
}
