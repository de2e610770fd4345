namespace JitsiMesh.Mesh.Tests.Authentication;

/// <summary>
/// What happens to somebody at the door: a row of the table in docs/authentication.md. Each gives the cell's text: <c>enters, ROLE</c>, or where the way ends and what the client is told.
/// </summary>
/// <param name="Name">The row's head.</param>
/// <param name="Happens">Plays it, in a room of its own.</param>
internal sealed record AuthenticationSituation(string Name, Func<AuthenticationDoor, Task<string>> Happens)
{
    /// <summary>The situation cannot be had in the mode.</summary>
    public const string Impossible = "-";

    public static readonly IReadOnlyList<AuthenticationSituation> All =
    [
        new("no login", door => door.EntersAsync(Person.Nobody)),
        new("wrong password", door => door.EntersAsync(new Person(AuthenticationMode.Host, "a wrong password"))),
        new("token with a wrong signature", door => door.EntersAsync(Person.With(AuthenticationMode.Token(secret: new string('x', 40))))),
        new("token that has expired", door => door.EntersAsync(Person.With(AuthenticationMode.Token(lifetime: TimeSpan.FromMinutes(-5))))),
        new("token for another room", door => door.EntersAsync(Person.With(AuthenticationMode.Token(room: "another")))),
        new("token for another tenant", door => door.EntersAsync(Person.With(AuthenticationMode.Token(subject: "another")))),
        new("right login, first in the room", door => door.EntersAsync(door.Host)),
        new("right login, second in the room", async door =>
        {
            await door.IsOpenAsync();
            return await door.EntersAsync(door.Second);
        }),
        new("moderator by its login", async door =>
        {
            if (door.Saying(moderator: true) is not { } person) return Impossible;
            await door.IsOpenAsync();
            return await door.EntersAsync(person);
        }),
        new("no moderator by its login, first in the room", async door => door.Saying(moderator: false) is { } person ? await door.EntersAsync(person) : Impossible),
        new("guest, before the host", door => door.EntersAsync(Person.Guest)),
        new("guest, after the host", async door =>
        {
            await door.IsOpenAsync();
            return await door.EntersAsync(Person.Guest);
        }),
        new("guest that logs in (\"I am the host\")", door => door.EntersAsync(Person.Guest, logsIn: true)),
        new("guest with a login that was logged out", door => door.EntersAsync(Person.Guest, logsIn: true, logsOut: true)),
        new("account removed, in the room", door => door.IsRemovedAsync()),
        new("account removed, next login", async door =>
        {
            if (door.Mode.Login != LoginKind.Accounts) return Impossible;
            var person = await door.NewAccountAsync();
            await door.RemoveAsync(person.User);
            return await door.EntersAsync(person);
        }),
    ];

    public static AuthenticationSituation Of(string name) => All.Single(situation => situation.Name == name);

    public override string ToString() => Name;
}

/// <summary>Who stands at the door, and with what.</summary>
internal sealed record Person(string User, string Password, string? Token = null, string Domain = "meet.jitsi")
{
    public static readonly Person Nobody = new("", "");

    public static readonly Person Guest = new("", "", Domain: "guest.meet.jitsi");

    public static Person With(string token) => new("", "", token);

    public override string ToString() => "a person";
}
