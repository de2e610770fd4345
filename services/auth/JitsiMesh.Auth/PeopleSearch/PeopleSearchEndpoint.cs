using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace JitsiMesh.Auth.PeopleSearch;

/// <summary>
/// The search endpoint of Jitsi's clients (<c>peopleSearchUrl</c>): <c>GET ?query=…&amp;queryTypes=["user","phone","email"]</c> with a login (<see cref="SignedInDirectory"/>), answered
/// with an array of objects, each with a type. <c>offset</c> and <c>limit</c> select a page; a Link header leads to the next (RFC 8288). A refusal is an object
/// with a message, since clients parse each answer as JSON.
/// </summary>
internal static class PeopleSearchEndpoint
{
    public const string Path = "/people-search";

    /// <summary>1 if a directory did not answer in time, so that results are missing.</summary>
    public const string IncompleteHeader = "X-Search-Incomplete";

    private static readonly string[] KnownTypes = ["user", "phone", "email"];
    private static readonly Meter Meter = new("JitsiMesh.Auth");
    private static readonly Counter<long> Searches = Meter.CreateCounter<long>("jitsimesh.auth.people_searches", description: "Requested people searches");

    /// <returns>The outcome for counters: one of a few fixed names.</returns>
    public static async Task<string> AnswerAsync(HttpContext context, PeopleDirectory directory, IDirectoryAccess access, SearchBudget budget)
    {
        context.Response.Headers.CacheControl = "no-store";
        var outcome = await OutcomeAsync(context, directory, access, budget);
        Searches.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        return outcome;
    }

    private static async Task<string> OutcomeAsync(HttpContext context, PeopleDirectory directory, IDirectoryAccess access, SearchBudget budget)
    {
        var verdict = await access.JudgeAsync(context);
        if (verdict.IsUndecided) return await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, verdict.Reason, "Your login cannot be checked at the moment.");
        if (verdict.Visitor is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return await RefuseAsync(context, StatusCodes.Status401Unauthorized, verdict.Reason, "Log in to search for people.");
        }

        if (!budget.TryBegin(verdict.Visitor)) return await RefuseAsync(context, StatusCodes.Status429TooManyRequests, "too_many_of_one", "Too many searches.");
        try
        {
            return await SearchAsync(context, directory);
        }
        finally
        {
            budget.End(verdict.Visitor);
        }
    }

    private static async Task<string> SearchAsync(HttpContext context, PeopleDirectory directory)
    {
        var parameters = context.Request.Query;
        if (!TryReadTypes(parameters["queryTypes"], out var types) || !TryReadNumber(parameters["offset"], 0, int.MaxValue, out var offset)
            || !TryReadNumber(parameters["limit"], DirectoryLimits.PageSize, DirectoryLimits.PageSize, out var limit))
        {
            return await RefuseAsync(context, StatusCodes.Status400BadRequest, "malformed", "The supported parameters are query, queryTypes (a JSON array of strings), offset and limit.");
        }

        var query = parameters["query"].ToString();
        if (await directory.SearchAsync(query, context.RequestAborted) is not { } found) return await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "too_many_at_once", "Too many searches at once.");
        var items = found.People.SelectMany(person => ItemsOf(person, types)).ToList();
        if (offset + (long)limit < items.Count) context.Response.Headers.Link = NextPage(query, types, offset + limit, limit);
        if (found.IsIncomplete) context.Response.Headers[IncompleteHeader] = "1";
        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.WriteAsync(new JsonArray([.. items.Skip(offset).Take(limit)]).ToJsonString(), context.RequestAborted);
        return found.IsIncomplete ? "incomplete" : "answered";
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

    // Types that a people directory does not have (rooms, video SIP gateways) give no results. Without the parameter the type is user.
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

    private static async Task<string> RefuseAsync(HttpContext context, int status, string reason, string message)
    {
        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable) context.Response.Headers.RetryAfter = "1";
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.WriteAsync(new JsonObject { ["message"] = message }.ToJsonString(), context.RequestAborted);
        return reason;
    }
}
