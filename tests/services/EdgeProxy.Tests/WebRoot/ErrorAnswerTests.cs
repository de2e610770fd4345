using System.Net;
using System.Net.Http.Headers;
using JitsiMesh.EdgeProxy.Tests.Kit;
using JitsiMesh.EdgeProxy.WebRoot;

namespace JitsiMesh.EdgeProxy.Tests.WebRoot;

/// <summary>What the edge answers for itself has a code, as a page to a browser and as text to a program.</summary>
public sealed class ErrorAnswerTests
{
    [Theory]
    [InlineData("/_unlock?room=r", HttpStatusCode.ServiceUnavailable, "MESH-HTTP-503")]
    [InlineData("/etherpad/p/standup", HttpStatusCode.BadGateway, "MESH-HTTP-502")]
    public async Task A_browser_gets_a_page_and_a_program_a_line(string path, HttpStatusCode status, string code)
    {
        await using var edge = await RunningEdge.StartAsync(null, ("ETHERPAD_URL_BASE", "http://127.0.0.1:1"));
        using var opened = new HttpRequestMessage(HttpMethod.Get, path);
        opened.Headers.Accept.ParseAdd("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");

        var page = await edge.Https.SendAsync(opened);
        var line = await edge.Https.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal((status, status), (page.StatusCode, line.StatusCode));
        Assert.Equal(("text/html", "text/plain"), (page.Content.Headers.ContentType?.MediaType, line.Content.Headers.ContentType?.MediaType));
        Assert.Contains($"<p>Code {code}</p>", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.EndsWith($"({code})\n", await line.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(page.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task What_is_not_there_is_a_page_with_its_code()
    {
        await using var edge = await RunningEdge.StartAsync();

        var answer = await edge.Https.GetAsync(new Uri("/libs/none.js", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal(new MediaTypeHeaderValue("text/html", "utf-8"), answer.Content.Headers.ContentType);
        Assert.Contains("MESH-HTTP-404", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_home_page_below_a_path_is_linked_as_text()
    {
        Assert.Contains("href=\"/a&quot;b/\"", ErrorAnswers.Of(503)!.Html("/a\"b"), StringComparison.Ordinal);
        Assert.Null(ErrorAnswers.Of(200));
    }
}
