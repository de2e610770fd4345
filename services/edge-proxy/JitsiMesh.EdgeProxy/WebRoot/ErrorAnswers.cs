using System.Net;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.EdgeProxy.WebRoot;

/// <summary>An error answer of the edge itself: a sentence with its code from docs/errors.md. A browser gets a page, a program gets text.</summary>
/// <param name="Title">The error in two or three words.</param>
/// <param name="Sentence">The cause and the remedy.</param>
/// <param name="Code">As in docs/errors.md.</param>
internal sealed record ErrorAnswer(string Title, string Sentence, string Code)
{
    public string Text => $"{Sentence} ({Code})\n";

    /// <param name="root">The path of the home page, escaped, without a trailing slash.</param>
    public string Html(string root) => $"""
        <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{WebUtility.HtmlEncode(Title)}</title>
        <body style="font:16px sans-serif;margin:4rem auto;max-width:40rem;padding:0 1rem"><main><h1>{WebUtility.HtmlEncode(Title)}</h1>
        <p>{WebUtility.HtmlEncode(Sentence)}</p>
        <p>Code {Code}</p>
        <p><a href="{WebUtility.HtmlEncode(root)}/">To the home page</a></p></main></body></html>
        """;
}

internal static class ErrorAnswers
{
    /// <summary>The answer for a status without a body; null where the edge has none.</summary>
    public static ErrorAnswer? Of(int status) => status switch
    {
        StatusCodes.Status400BadRequest => new("Bad request", "The request is malformed.", "MESH-HTTP-400"),
        StatusCodes.Status404NotFound => new(
            "Not found", "Nothing exists at this address. The address of a room is its name, or a tenant and a name: letters, digits, dashes and underscores are safe in both.", "MESH-HTTP-404"),
        StatusCodes.Status405MethodNotAllowed => new("Not allowed", "This address answers only GET and HEAD.", "MESH-HTTP-405"),
        StatusCodes.Status408RequestTimeout => new("Too slow", "The request took too long: try again.", "MESH-HTTP-408"),
        StatusCodes.Status413PayloadTooLarge => new("Too large", "The request is too large.", "MESH-HTTP-413"),
        StatusCodes.Status429TooManyRequests => new("Too many requests", "Too many requests from this address: wait a minute, then try again.", "MESH-HTTP-429"),
        StatusCodes.Status502BadGateway => new("No answer", "The service behind this address does not answer: try again in a moment.", "MESH-HTTP-502"),
        StatusCodes.Status503ServiceUnavailable => new("Not ready", "No service behind this address is ready: try again in a moment.", "MESH-HTTP-503"),
        StatusCodes.Status504GatewayTimeout => new("No answer in time", "The service behind this address is too slow: try again in a moment.", "MESH-HTTP-504"),
        _ => null,
    };

    /// <summary>Whether a person reads the answer: browsers accept text/html, programs accept any type.</summary>
    public static bool WantsPage(HttpRequest request) => request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
