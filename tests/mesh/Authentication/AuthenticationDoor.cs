using JitsiMesh.Auth.Accounts.Store;
using JitsiMesh.Auth.Passwords;
using JitsiMesh.Kit.Directories;
using JitsiMesh.Mesh.Tests.UnderTest;
using Microsoft.Extensions.DependencyInjection;

namespace JitsiMesh.Mesh.Tests.Authentication;

/// <summary>The way into one room of a mesh in one mode, for one situation: the WebSocket or BOSH, the login, the conference request, the join.</summary>
internal sealed class AuthenticationDoor(AuthenticationMode mode, InProcessMesh mesh, string room, bool overBosh = false) : IAsyncDisposable
{
    private readonly List<LoginClient> _clients = [];
    private int _accounts;

    public AuthenticationMode Mode => mode;

    /// <summary>Somebody with a right login.</summary>
    public Person Host => mode.Login switch
    {
        LoginKind.Accounts => new Person(AuthenticationMode.Host, AuthenticationMode.Password),
        LoginKind.Directory => new Person("anna", TestEntries.Password),
        LoginKind.Tokens => Person.With(AuthenticationMode.Token()),
        _ => Person.Nobody,
    };

    /// <summary>Another one.</summary>
    public Person Second => mode.Login switch
    {
        LoginKind.Accounts => new Person(AuthenticationMode.Second, AuthenticationMode.Password),
        LoginKind.Directory => new Person("berta", "berta's"),
        _ => Host,
    };

    /// <summary>Somebody of whom the login says whether it moderates; null where logins say nothing of that.</summary>
    public Person? Saying(bool moderator) => mode.Login switch
    {
        LoginKind.Directory => moderator ? Host : Second,
        _ when mode.Login == LoginKind.Tokens || mode.HasTokens => Person.With(AuthenticationMode.Token(moderator: moderator)),
        _ => null,
    };

    /// <summary>Somebody with a login is in the room.</summary>
    public async Task IsOpenAsync()
    {
        // Another account than those of the rows: rights of a room are an account's, whichever of its sessions has them.
        var opener = mode.Login == LoginKind.Accounts ? await NewAccountAsync() : Second;
        Assert.Null(await InAsync(await ClientAsync(opener), opener));
    }

    /// <summary>Goes in as far as it is let, and has a second person follow, so that roles are settled.</summary>
    /// <param name="person">Who.</param>
    /// <param name="logsIn">A guest shows the session id of a login that it made over a second connection.</param>
    /// <param name="logsOut">And that was logged out before.</param>
    /// <returns>A cell of the table.</returns>
    public async Task<string> EntersAsync(Person person, bool logsIn = false, bool logsOut = false)
    {
        var client = await ClientAsync(person);
        var sessionId = logsIn && mode.Login is LoginKind.Accounts or LoginKind.Directory ? await SessionIdAsync(logsOut) : null;
        if (await InAsync(client, person, sessionId) is { } refusal) return refusal;
        var other = await ClientAsync(Host);
        Assert.Null(await InAsync(other, Host));
        return "enters, " + await client.SettledRoleAsync();
    }

    /// <summary>An account is removed whose session is in the room.</summary>
    public async Task<string> IsRemovedAsync()
    {
        if (mode.Login != LoginKind.Accounts) return AuthenticationSituation.Impossible;
        var person = await NewAccountAsync();
        var client = await ClientAsync(person);
        Assert.Null(await InAsync(client, person));
        await RemoveAsync(person.User);
        return await client.EndAsync();
    }

    public async Task<Person> NewAccountAsync()
    {
        var person = new Person(FormattableString.Invariant($"{room}{++_accounts}"), AuthenticationMode.Password);
        Assert.True(await mesh.Services.GetRequiredService<AccountStore>().AddAsync(person.User, null, PasswordKeys.Of(person.Password), CancellationToken.None));
        return person;
    }

    public Task RemoveAsync(string user) => mesh.Services.GetRequiredService<AccountStore>().RemoveAsync(user, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) await client.DisposeAsync();
    }

    private async Task<LoginClient> ClientAsync(Person person)
    {
        var client = await LoginClient.OpenAsync(overBosh ? new Uri(mesh.PlainHttp, "http-bind") : mesh.WebSocket, room, person.Token);
        _clients.Add(client);
        return client;
    }

    // As lib-jitsi-meet has it: the request, and where that is refused no join. A guest's client tries to join all the same when it keeps no rules.
    private async Task<string?> InAsync(LoginClient client, Person person, string? sessionId = null)
    {
        if (await client.LogInAsync(person.Domain, person.User.Length == 0 ? "ANONYMOUS" : mode.Login == LoginKind.Accounts ? "SCRAM-SHA-1" : "PLAIN", person.User, person.Password) is { } login) return login;
        if (await client.RequestAsync(room, sessionId) is { } request) return $"{request}; {await client.JoinAsync(room) ?? throw new InvalidOperationException("It came in although its request was refused.")}";
        return await client.JoinAsync(room);
    }

    private async Task<string> SessionIdAsync(bool loggedOut)
    {
        var login = await ClientAsync(Host);
        Assert.Null(await login.LogInAsync(Host.Domain, "PLAIN", Host.User, Host.Password));
        Assert.Null(await login.RequestAsync(room + "-login"));
        Assert.Equal($"{Host.User}@meet.jitsi", login.Identity);
        if (loggedOut) Assert.Null(await login.LogOutAsync(login.SessionId!));
        return login.SessionId!;
    }
}
