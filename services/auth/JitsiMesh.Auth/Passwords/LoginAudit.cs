using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Passwords;

/// <summary>
/// The audit log: one line for each login that succeeded, failed or exceeded a limit, and for each change of an account. Its events have the numbers 9001 and up. The name
/// of an unknown account is not logged: users sometimes type passwords into the wrong field.
/// </summary>
internal sealed partial class LoginAudit(ILogger<LoginAudit> logger)
{
    public void Admitted(string domain, string account, string mechanism, string address) => LogAdmitted(account, domain, mechanism, Shown(address));

    /// <param name="domain">The domain of the login.</param>
    /// <param name="account">The account's name, or null for an unknown account.</param>
    /// <param name="mechanism">The SASL mechanism.</param>
    /// <param name="address">A tag of the client's address.</param>
    public void Refused(string domain, string? account, string mechanism, string address)
    {
        if (account is null) LogUnknown(domain, mechanism, Shown(address));
        else LogWrong(account, domain, mechanism, Shown(address));
    }

    public void Limited(string domain, string mechanism, string address) => LogLimited(domain, mechanism, Shown(address));

    public void Unreadable(string domain, string mechanism, string address, string reason) => LogUnreadable(domain, mechanism, Shown(address), reason);

    public void Unavailable(string domain, Exception exception) => LogUnavailable(domain, exception);

    public void Changed(string domain, string account, string change, DateTime at) => LogChanged(account, domain, change, at);

    private static string Shown(string address) => address.Length == 0 ? "-" : address;

    [LoggerMessage(EventId = 9001, Level = LogLevel.Information, Message = "Login of {Account}@{Domain}: admitted ({Mechanism}, address {Address})")]
    private partial void LogAdmitted(string account, string domain, string mechanism, string address);

    [LoggerMessage(EventId = 9002, Level = LogLevel.Warning, Message = "Login of {Account}@{Domain}: refused, wrong_password ({Mechanism}, address {Address})")]
    private partial void LogWrong(string account, string domain, string mechanism, string address);

    [LoggerMessage(EventId = 9003, Level = LogLevel.Warning, Message = "Login on {Domain}: refused, unknown_account ({Mechanism}, address {Address})")]
    private partial void LogUnknown(string domain, string mechanism, string address);

    [LoggerMessage(EventId = 9004, Level = LogLevel.Warning, Message = "Login on {Domain}: refused, too_many_tries ({Mechanism}, address {Address})")]
    private partial void LogLimited(string domain, string mechanism, string address);

    [LoggerMessage(EventId = 9005, Level = LogLevel.Warning, Message = "Login on {Domain}: refused, {Reason} ({Mechanism}, address {Address})")]
    private partial void LogUnreadable(string domain, string mechanism, string address, string reason);

    [LoggerMessage(EventId = 9006, Level = LogLevel.Error, Message = "Login on {Domain}: refused, accounts_unavailable")]
    private partial void LogUnavailable(string domain, Exception exception);

    [LoggerMessage(EventId = 9010, Level = LogLevel.Information, Message = "Account {Account}@{Domain}: {Change} at {At:u}")]
    private partial void LogChanged(string account, string domain, string change, DateTime at);
}
