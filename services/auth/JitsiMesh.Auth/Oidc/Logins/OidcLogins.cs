using System.Text.Json;
using JitsiMesh.Auth.Admission;
using JitsiMesh.Auth.Oidc.Provider;
using JitsiMesh.Auth.Tokens;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Oidc.Logins;

/// <summary>The browser's requests: the start of a login, a logout, and the page that explains a failure. ASP.NET Core's handler does the steps in between.</summary>
internal sealed partial class OidcLogins(OidcOptions options, OidcProvider provider, OidcBudget budget, OidcKey key, TokenOptions tokens, TimeProvider time, ILogger<OidcLogins> logger)
{
    /// <summary>The handler's scheme for the provider.</summary>
    public const string Scheme = "oidc";

    /// <summary>The scheme of the cookie that is kept for the logout.</summary>
    public const string KeptScheme = "oidc-kept";

    private const string TargetItem = "target";
    private const string BegunItem = "begun";
    private const string CountedItem = "counted";

    public async Task BeginAsync(HttpContext context)
    {
        OidcPage.Guard(context);
        if (LoginTarget.Read(context.Request.Query) is not { } target)
        {
            await RefuseAsync(context, OidcRefusal.NoRoom, default(LoginTarget));
            return;
        }

        if (await OverBudgetAsync(OidcStep.Login, context, costs: false) is { } over)
        {
            await RefuseAsync(context, over, target);
            return;
        }

        try
        {
            // Otherwise the start is only a redirect.
            var costs = OidcProvider.TakesPushedRequests(await provider.DescribeAsync(context.RequestAborted));
            if (costs && await budget.TakeCostAsync(OidcStep.Login, OriginOf(context)?.Network) is { } busy) throw new OidcRefusedException(busy);
            ActAsPublicUrl(context.Request);
            var properties = new AuthenticationProperties { RedirectUri = target.RoomAddress(options) };
            properties.Items[TargetItem] = JsonSerializer.Serialize(target);
            properties.Items[BegunItem] = time.GetUtcNow().ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (costs) properties.Items[CountedItem] = "1";
            await context.ChallengeAsync(Scheme, properties);
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            await RefuseAsync(context, OidcFailures.OfBeginning(exception), target);
        }
    }

    /// <summary>Ends the login here, and redirects to the provider's own logout (OpenID Connect RP-Initiated Logout 1.0) where it has one.</summary>
    public async Task EndAsync(HttpContext context)
    {
        OidcPage.Guard(context);
        if (await OverBudgetAsync(OidcStep.Logout, context, costs: false) is { } over)
        {
            Note(context, over);
            await OidcPage.WriteAsync(context, over.Status, "You are still logged in", over.Sentence, (Home, "To the home page"));
            return;
        }

        ActAsPublicUrl(context.Request);
        var leads = false;
        if (options.ProviderLogout)
        {
            try
            {
                leads = !string.IsNullOrEmpty((await provider.DescribeAsync(context.RequestAborted)).EndSessionEndpoint);
                if (leads) await context.SignOutAsync(Scheme, new AuthenticationProperties { RedirectUri = Home });
            }
            catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
            {
                // The login still ends here.
                leads = false;
                LogLogout(OidcFailures.OfBeginning(exception).Reason);
            }
        }

        await context.SignOutAsync(KeptScheme);
        if (!leads) context.Response.Redirect(Home);
    }

    /// <summary>Issues the token of a user whom the provider has authenticated, and redirects to the room.</summary>
    /// <param name="context">The request.</param>
    /// <param name="properties">The properties that the login started with.</param>
    /// <param name="sources">The claims, those of the ID token first.</param>
    /// <exception cref="OidcRefusedException">The user may not log in.</exception>
    public async Task FinishAsync(HttpContext context, AuthenticationProperties? properties, IReadOnlyList<JsonElement> sources)
    {
        if (TargetOf(properties) is not { } target) throw new OidcRefusedException(OidcRefusal.State);
        var content = OidcPerson.Read(options, target, sources, tokens);
        var token = TokenMaker.Make(content, OwnTokens.Algorithm, null, time.GetUtcNow(), TokenMaker.WithSecret(key.OfTokens, OwnTokens.Algorithm));
        if (token.Length > TokenLimits.TokenCharacters) throw new OidcRefusedException(OidcRefusal.Claims);
        OidcPage.Guard(context);
        context.Response.Redirect(target.ReturnAddress(options, token));
        await budget.FinishAsync(properties!.Items.ContainsKey(CountedItem), OriginOf(context)?.Network);
        AdmissionCounter.Count("oidc_admitted");
        LogAdmitted(Printable(content.UserId!));
    }

    /// <summary>Counts a step.</summary>
    /// <returns>Null if the step is allowed.</returns>
    public ValueTask<OidcRefusal?> OverBudgetAsync(OidcStep step, HttpContext context, bool costs)
    {
        var origin = OriginOf(context);
        return budget.TakeAsync(step, origin?.Address, costs, origin?.Network);
    }

    public async Task RefuseAsync(HttpContext context, OidcRefusal refusal, AuthenticationProperties? properties) => await RefuseAsync(context, refusal, TargetOf(properties));

    /// <summary>Whether a login was started too long ago, or not by this server.</summary>
    public bool IsStale(AuthenticationProperties? properties) =>
        properties is null || !properties.Items.TryGetValue(BegunItem, out var text) || !long.TryParse(text, out var begun)
        || time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(begun) is var age && (age > OidcLimits.LoginTime || age < -OidcLimits.LoginTime);

    private OidcOrigin? OriginOf(HttpContext context) => OidcClient.Of(context, options.TrustedProxies);

    private string Home => options.PublicUrl.AbsoluteUri;

    private async Task RefuseAsync(HttpContext context, OidcRefusal refusal, LoginTarget? target)
    {
        Note(context, refusal);
        if (target is null) await OidcPage.WriteAsync(context, refusal.Status, "You are not logged in", refusal.Sentence, (Home, "To the home page"));
        else await OidcPage.WriteAsync(context, refusal.Status, "You are not logged in", refusal.Sentence, (target.LoginAddress(options), "Try again"), (target.RoomAddress(options), "Back to the room"));
    }

    private void Note(HttpContext context, OidcRefusal refusal)
    {
        if (refusal.Status == StatusCodes.Status429TooManyRequests) context.Response.Headers.RetryAfter = ((int)OidcLimits.BudgetWindow.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        AdmissionCounter.Count(refusal.Reason);
        LogRefused(refusal.Reason);
    }

    private static LoginTarget? TargetOf(AuthenticationProperties? properties) =>
        properties?.Items.TryGetValue(TargetItem, out var text) == true && text is not null ? JsonSerializer.Deserialize<LoginTarget>(text) : null;

    // The handler builds the redirect URI from the Host header, which the client controls.
    private void ActAsPublicUrl(HttpRequest request)
    {
        request.Scheme = options.PublicUrl.Scheme;
        request.Host = options.PublicUrl.IsDefaultPort ? new HostString(options.PublicUrl.IdnHost) : new HostString(options.PublicUrl.IdnHost, options.PublicUrl.Port);
        request.PathBase = options.PublicUrl.AbsolutePath.TrimEnd('/');
    }

    private static string Printable(string text) => string.Concat(text.Take(80).Select(c => char.IsControl(c) ? '?' : c));

    [LoggerMessage(EventId = 9011, Level = LogLevel.Information, Message = "The user {Subject} of the provider has logged in")]
    private partial void LogAdmitted(string subject);

    [LoggerMessage(EventId = 9012, Level = LogLevel.Warning, Message = "An OpenID login failed: {Reason}")]
    private partial void LogRefused(string reason);

    [LoggerMessage(EventId = 9013, Level = LogLevel.Warning, Message = "A logout could not be forwarded to the provider: {Reason}")]
    private partial void LogLogout(string reason);
}
