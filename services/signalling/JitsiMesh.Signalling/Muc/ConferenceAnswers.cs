using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Muc;

/// <summary>Answers to conference requests that focus does not give itself.</summary>
public static class ConferenceAnswers
{
    /// <summary>For temporary faults: every error ends a client's join for good, while after this one it asks again, each time later.</summary>
    /// <param name="room">As the client named it.</param>
    public static XmppElement NotReady(string room) => new("conference", Namespaces.Focus, ("room", room), ("ready", "false"));

    /// <summary>For a client that will be refused at the join, which gives the reason.</summary>
    /// <param name="room">As the client named it.</param>
    /// <param name="focus">The bare JID that focus has in rooms.</param>
    public static XmppElement Ready(string room, string focus) => new XmppElement("conference", Namespaces.Focus, ("room", room), ("ready", "true"), ("focusjid", focus))
        .Add(new XmppElement("property", Namespaces.Focus, ("name", "authentication"), ("value", "true")));
}
