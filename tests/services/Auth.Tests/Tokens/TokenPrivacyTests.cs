using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Tests.Tokens;

/// <summary>Neither a token nor what it says, nor the secret, stands in a log line or a trace, whatever the outcome.</summary>
public sealed class TokenPrivacyTests
{
    [Fact]
    public async Task Logs_and_traces_hold_nothing_of_tokens_and_secrets()
    {
        var log = new CapturedLog();
        var traces = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("JitsiMesh", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => traces.Enqueue($"{activity.DisplayName} {activity.StatusDescription} {string.Join(' ', activity.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"))}"),
        };
        ActivitySource.AddActivityListener(listener);
        using var rsa = RSA.Create(2048);
        await using var server = await KeyServer.StartAsync();
        await using var withSecret = new TokenService(log, [("JWT_APP_ID", "app"), ("JWT_APP_SECRET", "short-secret-7f3a"), ("JWT_ALLOW_EMPTY", "1")]);
        await using var withKeys = new TokenService(log, [("JWT_APP_ID", "app"), ("JWT_ASAP_KEYSERVER", server.Address)]);
        var payload = TokenMint.Payload(("context", """{"user":{"id":"id-9c1e","name":"Name9c1e","email":"mail9c1e@example.org"},"group":"group-9c1e"}"""), ("room", "\"room-9c1e\""));
        var tokens = new List<string>
        {
            TokenMint.Hmac(payload, secret: "short-secret-7f3a"), TokenMint.Hmac(payload, secret: "another-secret-7f3a"),
            TokenMint.Hmac(TokenMint.Payload(("iss", "\"issuer-9c1e\"")), secret: "short-secret-7f3a"), "rubbish-9c1e", TokenMint.Rsa(rsa, payload, """{"typ":"JWT","alg":"RS256","kid":"kid-9c1e"}"""),
        };
        foreach (var token in tokens)
        {
            await withSecret.OutcomeAsync(token);
            await withKeys.OutcomeAsync(token);
        }

        server.Answer = context => throw new InvalidOperationException("broken");
        withKeys.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("not-allowed|could not obtain public key|token_key_unavailable", await withKeys.OutcomeAsync(tokens[^1]));

        Assert.Contains(log.Lines, line => line.Contains("JWT_APP_SECRET has 17 octets", StringComparison.Ordinal));
        Assert.Contains(log.Lines, line => line.Contains("could not be fetched from 127.0.0.1: status 500", StringComparison.Ordinal));
        Assert.Contains(traces, trace => trace.StartsWith("admit", StringComparison.Ordinal) && trace.Contains("token_signature", StringComparison.Ordinal));
        foreach (var text in log.Lines.Concat(traces))
        {
            foreach (var secret in tokens.SelectMany(token => token.Split('.')).Where(part => part.Length > 0).Concat(["9c1e", "7f3a"])) Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase);
        }
    }

    private sealed class CapturedLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
