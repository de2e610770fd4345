using System.Net;
using System.Text.RegularExpressions;

namespace JitsiMesh.Auth.Tests.Oidc.Kit;

/// <param name="Status">Of the answer.</param>
/// <param name="Location">Where it leads, absolute; null for a page.</param>
/// <param name="Body">The page.</param>
/// <param name="Address">That was asked for.</param>
internal sealed record Page(HttpStatusCode Status, string? Location, string Body, string Address)
{
    /// <summary>The token with which it leads back to a room; null where it does not.</summary>
    public string? Token => Location is { } location && location.Contains("?jwt=", StringComparison.Ordinal) ? location.Split("?jwt=")[1].Split('#')[0] : null;

    /// <summary>The one sentence that a refused login shows; null on other pages.</summary>
    public string? Sentence => Regex.Match(Body, "data-testid=\"login-refused\">([^<]+)<") is { Success: true } match ? WebUtility.HtmlDecode(match.Groups[1].Value) : null;

    public string Parameter(string name) => System.Web.HttpUtility.ParseQueryString(new Uri(Location!).Query)[name]!;
}

/// <summary>Follows a login as a browser does, with cookies by host and path. The server's public address is looked up in <paramref name="server"/>.</summary>
/// <param name="server">An instance of the service; another one may answer each time.</param>
/// <param name="connections">Those of another browser, or null for some of its own.</param>
internal sealed class Browser(Func<Uri> server, HttpClient? connections = null) : IDisposable
{
    private static readonly string Public = OidcHost.PublicUrl;

    private readonly bool _own = connections is null;
    private readonly HttpClient _http = connections ?? new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
    private readonly Dictionary<(string Host, string Path, string Name), string> _cookies = [];

    public Browser(OidcHost host) : this(() => host.Address)
    {
    }

    public Task<Page> GetAsync(string address) => SendAsync(HttpMethod.Get, address, null);

    /// <summary>Opens the login of a room and gives the way to the provider.</summary>
    public Task<Page> BeginAsync(string query = "room=standup") => GetAsync($"{Public}/oidc/login?{query}");

    /// <summary>A whole login: to the provider, through its pages as an account, and back until the page of a room, or one of an error.</summary>
    public async Task<Page> LogInAsync(string account, string query = "room=standup") => await FollowAsync(await BeginAsync(query), account);

    /// <param name="page">Where to go on.</param>
    /// <param name="account">For the provider's form.</param>
    /// <param name="until">Stops at an address that begins so.</param>
    public async Task<Page> FollowAsync(Page page, string account, string until = "")
    {
        for (var step = 0; step < 20; step++)
        {
            if (page.Location is { } location)
            {
                var isRoom = !location.StartsWith("http", StringComparison.Ordinal) || (location.StartsWith(Public, StringComparison.Ordinal) && !location.StartsWith(Public + "/oidc/", StringComparison.Ordinal));
                if (isRoom || (until.Length > 0 && location.StartsWith(until, StringComparison.Ordinal))) return page;
                page = await GetAsync(location);
            }
            else if (page.Sentence is null && page.Status == HttpStatusCode.OK && page.Body.Contains("<form", StringComparison.Ordinal))
            {
                page = await SubmitAsync(page, account);
            }
            else
            {
                return page;
            }
        }

        throw new InvalidOperationException("The login leads in a circle.");
    }

    /// <summary>Another one with the same cookies.</summary>
    public Browser Copy()
    {
        var copy = new Browser(server, _http);
        foreach (var (key, value) in _cookies) copy._cookies[key] = value;
        return copy;
    }

    public void Dispose()
    {
        if (_own) _http.Dispose();
    }

    private Task<Page> SubmitAsync(Page page, string account)
    {
        var action = Regex.Match(page.Body, "<form[^>]*action=\"([^\"]*)\"").Groups[1].Value;
        var fields = new Dictionary<string, string>();
        foreach (Match hidden in Regex.Matches(page.Body, "<input[^>]*type=\"hidden\"[^>]*>"))
        {
            fields[Regex.Match(hidden.Value, "name=\"([^\"]*)\"").Groups[1].Value] = Regex.Match(hidden.Value, "value=\"([^\"]*)\"").Groups[1].Value;
        }

        if (page.Body.Contains("name=\"login\"", StringComparison.Ordinal)) (fields["login"], fields["password"]) = (account, "any");
        if (page.Body.Contains("name=\"logout\"", StringComparison.Ordinal)) fields["logout"] = "yes";
        return SendAsync(HttpMethod.Post, new Uri(new Uri(page.Address), WebUtility.HtmlDecode(action)).AbsoluteUri, new FormUrlEncodedContent(fields));
    }

    private async Task<Page> SendAsync(HttpMethod method, string address, HttpContent? content)
    {
        var asked = new Uri(address);
        var reached = address.StartsWith(Public, StringComparison.Ordinal) ? new Uri(server(), asked.PathAndQuery) : asked;
        using var request = new HttpRequestMessage(method, reached) { Content = content };
        var sent = _cookies.Where(c => c.Key.Host == asked.Authority && asked.AbsolutePath.StartsWith(c.Key.Path, StringComparison.Ordinal)).Select(c => $"{c.Key.Name}={c.Value}").ToList();
        if (sent.Count > 0) request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", sent));
        using var response = await _http.SendAsync(request);
        foreach (var cookie in response.Headers.TryGetValues("Set-Cookie", out var set) ? set : []) Keep(asked, cookie);
        var location = response.Headers.Location is { } leads && (int)response.StatusCode is >= 300 and < 400 ? new Uri(asked, leads).OriginalString : null;
        if (location is not null && response.Headers.Location!.IsAbsoluteUri) location = response.Headers.Location.OriginalString;
        else if (location is not null) location = new Uri(asked, response.Headers.Location!).AbsoluteUri;
        return new Page(response.StatusCode, location, await response.Content.ReadAsStringAsync(), address);
    }

    private void Keep(Uri asked, string text)
    {
        var parts = text.Split(';', StringSplitOptions.TrimEntries);
        var equals = parts[0].IndexOf('=', StringComparison.Ordinal);
        string? Attribute(string name) => parts.Skip(1).FirstOrDefault(p => p.StartsWith(name + "=", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..];
        var key = (asked.Authority, Attribute("path") ?? "/", parts[0][..equals]);
        var expires = Attribute("expires");
        if (expires is not null && DateTimeOffset.TryParse(expires, System.Globalization.CultureInfo.InvariantCulture, out var end) && end < DateTimeOffset.UtcNow) _cookies.Remove(key);
        else _cookies[key] = parts[0][(equals + 1)..];
    }
}
