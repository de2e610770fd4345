using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Mesh.Tests.UnderTest;

/// <summary>Changes elements so that they stay well-formed: what parsers let through, and what is behind them has to bear.</summary>
public sealed class XmlMutator(IReadOnlyList<XmppElement> samples, IRandomSource random)
{
    private static readonly string[] TellingTexts =
    [
        "", " ", "0", "-1", "4294967295", "4294967296", "99999999999999999999", "NaN", "true", "null", "{}", "[]", "{\"a\":[[[1]]]}", "<&>'\"", "\u202EA",
        "focus", "a@b/c", "@", "//", "💥", new string('x', 5_000), "jabber:client", "set", "error", "none", "owner",
    ];

    /// <param name="keepRoot">The root keeps its name and namespace.</param>
    public XmppElement Next(bool keepRoot)
    {
        var element = samples[random.NextInt(samples.Count)];
        for (var changes = 1 + random.NextInt(3); changes > 0; changes--)
        {
            var count = Count(element);
            var target = random.NextInt(count);
            var index = 0;
            element = Copy(element, target, keepRoot, ref index)[0];
        }

        return element;
    }

    private static int Count(XmppElement element) => 1 + element.Elements.Sum(Count);

    private List<XmppElement> Copy(XmppElement element, int target, bool keepRoot, ref int index)
    {
        var isRoot = index == 0;
        var isTarget = index++ == target;
        var (name, ns) = (element.Name, element.Namespace);
        var choice = isTarget ? random.NextInt(10) : -1;
        if (isRoot && keepRoot && choice is 0 or 1) choice = 4;
        if (choice == 0) name = Pick().Name;
        if (choice == 1) ns = Pick().Namespace;
        var copy = new XmppElement(name, ns);
        foreach (var attribute in element.Attributes) copy.Set(attribute.Name, attribute.Value, attribute.Namespace);
        foreach (var node in element.Nodes)
        {
            if (node is string text) copy.AddText(choice == 2 ? Text() : text);
            else foreach (var child in Copy((XmppElement)node, target, keepRoot, ref index)) copy.Add(child);
        }

        switch (choice)
        {
            case 3 or 4 when element.Attributes.Count > 0:
                var attribute = element.Attributes[random.NextInt(element.Attributes.Count)];
                copy.Set(attribute.Name, choice == 3 ? null : Text(), attribute.Namespace);
                break;
            case 5:
                copy.Set(Pick().Name, Text());
                break;
            case 6 when !isRoot:
                return [];
            case 7 when !isRoot:
                return [copy, copy.Clone()];
            case 8:
                copy.Add(Pick().Clone());
                break;
            case 9 when !isRoot:
                for (var levels = random.NextInt(40); levels > 0; levels--) copy = new XmppElement(name, ns).Add(copy);
                break;
        }

        return [copy];
    }

    private string Text() => TellingTexts[random.NextInt(TellingTexts.Length)];

    /// <summary>Some element of some sample.</summary>
    private XmppElement Pick()
    {
        var element = samples[random.NextInt(samples.Count)];
        while (random.NextInt(3) > 0 && element.Elements.ToList() is { Count: > 0 } children) element = children[random.NextInt(children.Count)];
        return element;
    }
}
