using JitsiMesh.Xmpp;

namespace JitsiMesh.Signalling.Tests.Scripts;

/// <summary>
/// Whether an element is what a script expects. What the script writes must be there: name, namespace (jabber:client unless given),
/// attributes ("*" for any value), children in order, text. What it does not write may be there too; <c>missing='name'</c> says that a
/// child must not.
/// </summary>
public static class Pattern
{
    public static bool Matches(XmppElement expected, XmppElement actual)
    {
        if (expected.Name != actual.Name) return false;
        if (Namespace(expected) != Namespace(actual)) return false;
        foreach (var attribute in expected.Attributes)
        {
            if (attribute.Name == "missing")
            {
                if (attribute.Value.Split(' ').Any(name => actual.Child(name) is not null || actual[name] is not null)) return false;
                continue;
            }

            var value = actual.Get(attribute.Name, attribute.Namespace);
            if (value is null || (attribute.Value != "*" && attribute.Value != value)) return false;
        }

        if (!expected.Elements.Any() && expected.Text.Trim() is { Length: > 0 } text && text != "*" && text != actual.Text) return false;
        using var actuals = actual.Elements.GetEnumerator();
        foreach (var child in expected.Elements)
        {
            var found = false;
            while (!found && actuals.MoveNext()) found = Matches(child, actuals.Current);
            if (!found) return false;
        }

        return true;
    }

    private static string Namespace(XmppElement element) => element.Namespace.Length == 0 ? Namespaces.Client : element.Namespace;
}
