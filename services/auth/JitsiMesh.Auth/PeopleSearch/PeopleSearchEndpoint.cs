using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>
/// The search that Jitsi's clients ask (<c>peopleSearchUrl</c>): <c>GET ?query=…&amp;queryTypes=["user","phone","email"]</c> with the token in the Authorization header, answered
/// with an array of objects, each with a type. <c>offset</c> and <c>limit</c> choose a page; a Link header leads to the next (RFC 8288).
/// </summary>
internal static class PeopleSearchEndpoint
{
    public const string Path = "/people-search";

    private static readonly string[] KnownTypes = ["user", "phone", "email"];

    public static async Task AnswerAsync(HttpContext context, PeopleDirectory directory, IDirectoryAccess access)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (!await access.MaySearchAsync(context))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await TextAsync(context, StatusCodes.Status401Unauthorized, "Log in to search for people.");
            return;
        }

        var parameters = context.Request.Query;
        if (!TryReadTypes(parameters["queryTypes"], out var types) || !TryReadNumber(parameters["offset"], 0, int.MaxValue, out var offset)
            || !TryReadNumber(parameters["limit"], DirectoryLimits.PageSize, DirectoryLimits.PageSize, out var limit))
        {
            await TextAsync(context, StatusCodes.Status400BadRequest, "query, queryTypes (a JSON array of texts), offset and limit are what is understood.");
            return;
        }

        var query = parameters["query"].ToString();
        var people = await directory.SearchAsync(query, context.RequestAborted);
        if (people is null)
        {
            context.Response.Headers.RetryAfter = "1";
            await TextAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many searches at once.");
            return;
        }

        var items = people.SelectMany(person => ItemsOf(person, types)).ToList();
        if (offset + (long)limit < items.Count) context.Response.Headers.Link = NextPage(query, types, offset + limit, limit);
        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.WriteAsync(new JsonArray([.. items.Skip(offset).Take(limit)]).ToJsonString(), context.RequestAborted);
    }

    private static IEnumerable<JsonObject> ItemsOf(FoundPerson person, HashSet<string> types)
    {
        if (types.Contains("user")) yield return UserOf(person);
        foreach (var number in types.Contains("phone") ? person.Numbers : [])
        {
            yield return new JsonObject { ["id"] = number.Number, ["type"] = "phone", ["name"] = person.Name, ["number"] = number.Number, ["kind"] = number.Kind };
        }

        foreach (var address in types.Contains("email") ? person.Mail : [])
        {
            yield return new JsonObject { ["id"] = address, ["type"] = "email", ["name"] = person.Name, ["email"] = address };
        }
    }

    private static JsonObject UserOf(FoundPerson person)
    {
        var user = new JsonObject { ["id"] = person.FirstMail ?? person.Name, ["type"] = "user", ["name"] = person.Name };
        if (person.Mail.Count > 0) user["email"] = person.Mail[0];
        if (person.Organisation is { } organisation) user["organization"] = organisation;
        if (person.Department is { } department) user["department"] = department;
        if (person.Picture is { } picture) user["avatar"] = picture;
        if (person.Numbers.Count > 0) user["numbers"] = new JsonArray([.. person.Numbers.Select(n => new JsonObject { ["number"] = n.Number, ["kind"] = n.Kind })]);
        return user;
    }

    // Types that a directory of people has nothing of (rooms, video SIP gateways) find nothing. Without the parameter users are meant.
    private static bool TryReadTypes(string? text, out HashSet<string> types)
    {
        types = new HashSet<string>(StringComparer.Ordinal);
        if (string.IsNullOrEmpty(text))
        {
            types.Add("user");
            return true;
        }

        try
        {
            foreach (var type in JsonSerializer.Deserialize<string[]>(text) ?? [])
            {
                if (KnownTypes.Contains(type, StringComparer.Ordinal)) types.Add(type);
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool TryReadNumber(string? text, int usual, int most, out int number)
    {
        number = usual;
        if (string.IsNullOrEmpty(text)) return true;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)) return false;
        number = Math.Min(number, most);
        return true;
    }

    private static string NextPage(string query, HashSet<string> types, int offset, int limit) => string.Create(CultureInfo.InvariantCulture,
        $"<?query={Uri.EscapeDataString(query)}&queryTypes={Uri.EscapeDataString(JsonSerializer.Serialize(types))}&offset={offset}&limit={limit}>; rel=\"next\"");

    private static Task TextAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
