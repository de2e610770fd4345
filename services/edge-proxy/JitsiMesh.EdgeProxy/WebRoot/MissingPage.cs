namespace JitsiMesh.EdgeProxy.WebRoot;

/// <summary>The answer when the web client has no page for the path.</summary>
internal static class MissingPage
{
    public const string ExternalApi =
        "There is no libs/external_api.min.js in the folder of the web client (WEB_ROOT, or the built-in one, which has it once it is built).\n";

    public const string NotBuilt = """
        <!doctype html><html lang="en"><meta charset="utf-8"><title>JitsiMesh</title>
        <body style="font:16px sans-serif;margin:4rem auto;max-width:40rem"><h1>JitsiMesh is running</h1>
        <p>The web client has not been built: <code>cd services/web &amp;&amp; npm ci &amp;&amp; npm run build</code>, or set <code>WEB_ROOT</code> to the folder of a Jitsi Meet.</p></body></html>
        """;
}
