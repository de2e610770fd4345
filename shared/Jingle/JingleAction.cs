namespace JitsiMesh.Jingle;

/// <summary>The actions of XEP-0166 section 7.2, and Jitsi's two for sources.</summary>
public enum JingleAction
{
    SessionInitiate,
    SessionAccept,
    SessionTerminate,
    SessionInfo,
    TransportInfo,
    TransportReplace,
    TransportAccept,
    TransportReject,
    ContentAdd,
    ContentModify,
    ContentAccept,
    ContentReject,
    ContentRemove,
    DescriptionInfo,
    SecurityInfo,
    SourceAdd,
    SourceRemove,
}

public static class JingleActions
{
    public static string Name(JingleAction action) => action switch
    {
        JingleAction.SessionInitiate => "session-initiate",
        JingleAction.SessionAccept => "session-accept",
        JingleAction.SessionTerminate => "session-terminate",
        JingleAction.SessionInfo => "session-info",
        JingleAction.TransportInfo => "transport-info",
        JingleAction.TransportReplace => "transport-replace",
        JingleAction.TransportAccept => "transport-accept",
        JingleAction.TransportReject => "transport-reject",
        JingleAction.ContentAdd => "content-add",
        JingleAction.ContentModify => "content-modify",
        JingleAction.ContentAccept => "content-accept",
        JingleAction.ContentReject => "content-reject",
        JingleAction.ContentRemove => "content-remove",
        JingleAction.DescriptionInfo => "description-info",
        JingleAction.SecurityInfo => "security-info",
        JingleAction.SourceAdd => "source-add",
        JingleAction.SourceRemove => "source-remove",
        _ => throw new ArgumentOutOfRangeException(nameof(action)),
    };

    /// <summary>Also accepts <c>addsource</c> and <c>removesource</c>, the spelling of older clients.</summary>
    public static bool TryParse(string text, out JingleAction action)
    {
        JingleAction? found = text switch
        {
            "session-initiate" => JingleAction.SessionInitiate,
            "session-accept" => JingleAction.SessionAccept,
            "session-terminate" => JingleAction.SessionTerminate,
            "session-info" => JingleAction.SessionInfo,
            "transport-info" => JingleAction.TransportInfo,
            "transport-replace" => JingleAction.TransportReplace,
            "transport-accept" => JingleAction.TransportAccept,
            "transport-reject" => JingleAction.TransportReject,
            "content-add" => JingleAction.ContentAdd,
            "content-modify" => JingleAction.ContentModify,
            "content-accept" => JingleAction.ContentAccept,
            "content-reject" => JingleAction.ContentReject,
            "content-remove" => JingleAction.ContentRemove,
            "description-info" => JingleAction.DescriptionInfo,
            "security-info" => JingleAction.SecurityInfo,
            "source-add" or "addsource" => JingleAction.SourceAdd,
            "source-remove" or "removesource" => JingleAction.SourceRemove,
            _ => null,
        };
        action = found.GetValueOrDefault();
        return found is not null;
    }
}
