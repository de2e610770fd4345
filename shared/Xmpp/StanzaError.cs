namespace JitsiMesh.Xmpp;

/// <summary>What the sender of a failed stanza should do (RFC 6120 section 8.3.2).</summary>
public enum StanzaErrorType
{
    Auth,
    Cancel,
    Continue,
    Modify,
    Wait,
}

/// <summary>A stanza error: its type, its defined condition (RFC 6120 section 8.3.3), a text, and an element of the application.</summary>
/// <param name="Type">The error type.</param>
/// <param name="Condition">The element name of the condition, for instance <c>item-not-found</c>.</param>
/// <param name="Text">A human-readable text, or null.</param>
/// <param name="Application">One application-specific child, or null.</param>
public sealed record StanzaError(StanzaErrorType Type, string Condition, string? Text = null, XmppElement? Application = null)
{
    public static readonly StanzaError BadRequest = new(StanzaErrorType.Modify, "bad-request");
    public static readonly StanzaError Conflict = new(StanzaErrorType.Cancel, "conflict");
    public static readonly StanzaError FeatureNotImplemented = new(StanzaErrorType.Cancel, "feature-not-implemented");
    public static readonly StanzaError Forbidden = new(StanzaErrorType.Auth, "forbidden");
    public static readonly StanzaError Gone = new(StanzaErrorType.Cancel, "gone");
    public static readonly StanzaError InternalServerError = new(StanzaErrorType.Cancel, "internal-server-error");
    public static readonly StanzaError ItemNotFound = new(StanzaErrorType.Cancel, "item-not-found");
    public static readonly StanzaError JidMalformed = new(StanzaErrorType.Modify, "jid-malformed");
    public static readonly StanzaError NotAcceptable = new(StanzaErrorType.Modify, "not-acceptable");
    public static readonly StanzaError NotAllowed = new(StanzaErrorType.Cancel, "not-allowed");
    public static readonly StanzaError NotAuthorized = new(StanzaErrorType.Auth, "not-authorized");
    public static readonly StanzaError PolicyViolation = new(StanzaErrorType.Modify, "policy-violation");
    public static readonly StanzaError RegistrationRequired = new(StanzaErrorType.Auth, "registration-required");
    public static readonly StanzaError ResourceConstraint = new(StanzaErrorType.Wait, "resource-constraint");
    public static readonly StanzaError ServiceUnavailable = new(StanzaErrorType.Cancel, "service-unavailable");

    /// <summary>The code of this error in docs/errors.md, or null where the condition is specific enough.</summary>
    public string? Code { get; init; }

    public StanzaError WithText(string text) => this with { Text = text };

    public XmppElement ToElement()
    {
        var error = new XmppElement("error", Namespaces.Client, ("type", TypeName(Type)));
        error.Add(new XmppElement(Condition, Namespaces.StanzaErrors));
        if (Text is not null) error.Add(new XmppElement("text", Namespaces.StanzaErrors).AddText(Text));
        if (Application is not null) error.Add(Application);
        // Last, since readers of the condition and of the application's element stop before it.
        if (Code is not null) error.Add(new XmppElement("code", Namespaces.Errors).AddText(Code));
        return error;
    }

    /// <summary>Parses the error child of a stanza of type <c>error</c>; an unreadable one counts as <c>undefined-condition</c>.</summary>
    public static StanzaError Read(XmppElement stanza)
    {
        var error = stanza.Child("error");
        var condition = error?.Elements.FirstOrDefault(e => e.Namespace == Namespaces.StanzaErrors && e.Name != "text")?.Name ?? "undefined-condition";
        var type = error?["type"] switch
        {
            "auth" => StanzaErrorType.Auth,
            "continue" => StanzaErrorType.Continue,
            "modify" => StanzaErrorType.Modify,
            "wait" => StanzaErrorType.Wait,
            _ => StanzaErrorType.Cancel,
        };
        return new StanzaError(type, condition, error?.Child("text", Namespaces.StanzaErrors)?.Text, error?.Elements.FirstOrDefault(e => e.Namespace is not (Namespaces.StanzaErrors or Namespaces.Errors)))
        {
            Code = error?.Child("code", Namespaces.Errors)?.Text,
        };
    }

    private static string TypeName(StanzaErrorType type) => type switch
    {
        StanzaErrorType.Auth => "auth",
        StanzaErrorType.Continue => "continue",
        StanzaErrorType.Modify => "modify",
        StanzaErrorType.Wait => "wait",
        _ => "cancel",
    };
}
