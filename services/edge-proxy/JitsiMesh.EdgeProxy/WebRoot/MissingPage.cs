namespace JitsiMesh.EdgeProxy.WebRoot;

/// <summary>What is said where the web client has no page for it.</summary>
internal static class MissingPage
{
    public const string Html = """
        <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Not found</title>
        <body style="font:16px sans-serif;margin:4rem auto;max-width:40rem;padding:0 1rem"><h1>Not found</h1>
        <p>There is nothing at this address. A room is opened by its name alone, or by a tenant and a name: letters, digits, dashes and underscores are safe in both.</p>
        <p><a href="/">To the home page</a></p></body></html>
        """;

    public const string ExternalApi =
        "The web client that is built in has no IFrame API. With a Jitsi Meet in the folder WEB_ROOT this address is its external_api.js.\n";

    public const string NotBuilt = """
        <!doctype html><html lang="en"><meta charset="utf-8"><title>JitsiMesh</title>
        <body style="font:16px sans-serif;margin:4rem auto;max-width:40rem"><h1>JitsiMesh is running</h1>
        <p>The web client has not been built: <code>cd services/web &amp;&amp; npm ci &amp;&amp; npm run build</code>, or set <code>WEB_ROOT</code> to the folder of a Jitsi Meet.</p></body></html>
        """;
}
