namespace JitsiMesh.Xmpp;

/// <summary>One field of a data form (XEP-0004 section 3.2).</summary>
public sealed record DataFormField(string Var, string Type, IReadOnlyList<string> Values, string? Label = null)
{
    public string Value => Values.Count == 0 ? "" : Values[0];
}

/// <summary>A data form (XEP-0004): its type and its fields in order.</summary>
public sealed class DataForm(string type)
{
    private readonly List<DataFormField> _fields = [];

    /// <summary>form, submit, cancel or result.</summary>
    public string Type { get; } = type;

    public IReadOnlyList<DataFormField> Fields => _fields;

    /// <summary>The FORM_TYPE field (XEP-0068), or null.</summary>
    public string? FormType => this["FORM_TYPE"];

    /// <summary>The first value of a field, or null where the form has no such field.</summary>
    public string? this[string var] => Field(var)?.Value;

    public DataFormField? Field(string var) => _fields.Find(field => field.Var == var);

    public DataForm Add(string var, string value, string type = "text-single", string? label = null)
    {
        _fields.Add(new DataFormField(var, type, [value], label));
        return this;
    }

    public DataForm AddFormType(string formType) => Add("FORM_TYPE", formType, "hidden");

    public DataForm AddBoolean(string var, bool value, string? label = null) => Add(var, value ? "1" : "0", "boolean", label);

    /// <summary>xs:boolean of XEP-0004 section 3.3: "1" and "true". Null where the form has no such field or no such value.</summary>
    public bool? Boolean(string var) => this[var] switch
    {
        "1" or "true" => true,
        "0" or "false" => false,
        _ => null,
    };

    public XmppElement ToElement()
    {
        var x = new XmppElement("x", Namespaces.DataForm, ("type", Type));
        foreach (var field in _fields)
        {
            var element = new XmppElement("field", Namespaces.DataForm, ("var", field.Var), ("type", Type == "submit" && field.Type != "hidden" ? null : field.Type), ("label", field.Label));
            foreach (var value in field.Values) element.Add(new XmppElement("value", Namespaces.DataForm).AddText(value));
            x.Add(element);
        }

        return x;
    }

    /// <summary>Parses an <c>x</c> element; fields without <c>var</c> are skipped. Null for another element.</summary>
    public static DataForm? Read(XmppElement? x)
    {
        if (x is null || x.Name != "x" || x.Namespace != Namespaces.DataForm) return null;
        var form = new DataForm(x["type"] ?? "form");
        foreach (var field in x.Children("field", Namespaces.DataForm))
        {
            if (field["var"] is not { } var) continue;
            string[] values = [.. field.Children("value", Namespaces.DataForm).Select(value => value.Text)];
            form._fields.Add(new DataFormField(var, field["type"] ?? "text-single", values, field["label"]));
        }

        return form;
    }
}
