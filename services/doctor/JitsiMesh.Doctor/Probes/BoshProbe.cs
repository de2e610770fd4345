using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using JitsiMesh.Primitives;
using JitsiMesh.Xmpp;

namespace JitsiMesh.Doctor.Probes;

/// <summary>Creates a session over BOSH (XEP-0206) as a client does, reads its first stanzas and ends it.</summary>
internal static class BoshProbe
{
    /// <param name="pages">Sends the requests.</param>
    /// <param name="address">Of <c>/http-bind</c>, with its query.</param>
    /// <param name="domain">The stream's host.</param>
    /// <param name="random">The source of the first request's number.</param>
    /// <returns>The SASL mechanisms offered; null with the problem as the end of a sentence.</returns>
    /// <exception cref="HttpRequestException">No answer; <see cref="PageProbe.Explain"/> gives the reason.</exception>
    /// <exception cref="TaskCanceledException">No answer in time.</exception>
    public static async Task<(IReadOnlyList<string>? Mechanisms, string Problem)> ReadMechanismsAsync(PageProbe pages, Uri address, string domain, IRandomSource random)
    {
        var rid = 1 + random.NextInt(1_000_000);
        var (problem, body) = await AskAsync(pages, address, Body(rid, ("to", domain), ("wait", "5"), ("hold", "1"), ("ver", "1.6"), ("content", "text/xml; charset=utf-8"))).ConfigureAwait(false);
        if (body is null) return (null, problem);
        if (body["sid"] is not { } sid) return (null, "it creates no session");
        await AskAsync(pages, address, Body(rid + 1, ("sid", sid), ("type", "terminate"))).ConfigureAwait(false);
        return body.Child("features", Namespaces.Streams)?.Child("mechanisms", Namespaces.Sasl) is { } mechanisms
            ? ([.. mechanisms.Children("mechanism").Select(m => m.Text)], "")
            : (null, "it offers no login");
    }

    private static XmppElement Body(int rid, params ReadOnlySpan<(string Name, string? Value)> attributes) =>
        new XmppElement("body", Namespaces.HttpBind, attributes).Set("rid", rid.ToString(CultureInfo.InvariantCulture)).Set("version", "1.0", Namespaces.XmppBosh);

    private static async Task<(string Problem, XmppElement? Body)> AskAsync(PageProbe pages, Uri address, XmppElement body)
    {
        var content = new StringContent(XmppSerializer.Write(body), Encoding.UTF8);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("text/xml; charset=utf-8");
        var answer = await pages.PostAsync(address, content).ConfigureAwait(false);
        if (answer.Status != 200) return (FormattableString.Invariant($"it answers {answer.Status}"), null);
        if (!XmppParser.TryParse(answer.Body, out var element, out _) || element is not { Name: "body", Namespace: Namespaces.HttpBind }) return ("it does not speak BOSH", null);
        return element["condition"] is { } condition ? ($"the session is refused: {condition}", null) : ("", element);
    }
}
