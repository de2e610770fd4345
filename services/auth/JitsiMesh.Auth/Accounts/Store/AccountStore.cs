using JitsiMesh.Auth.Passwords;
using JitsiMesh.Xmpp.Sasl;
using Microsoft.EntityFrameworkCore;

namespace JitsiMesh.Auth.Accounts.Store;

/// <summary>The accounts of people. Each change leaves a row of its own in the same transaction, for the auth service to tell (<see cref="AccountChanges"/>).</summary>
internal sealed class AccountStore(AccountsDatabase database, TimeProvider time) : IAccountSource
{
    public const int DisplayNameCharacters = 256;

    /// <summary>How long a change that was told is kept.</summary>
    private static readonly TimeSpan KeptChanges = TimeSpan.FromDays(7);

    /// <summary>Changes that are told in one go.</summary>
    private const int ChangesAtOnce = 1000;

    private InventedKeys? _invented;

    public InventedKeys Invented => _invented ??= new InventedKeys(database.InventedSecret);

    /// <inheritdoc/>
    public async ValueTask<Account?> FindAsync(string name, CancellationToken cancellation)
    {
        if (!database.IsOpen) throw new InvalidOperationException("The accounts' database is not reached yet.");
        await using var context = database.Context();
        return (await context.Accounts.AsNoTracking().SingleOrDefaultAsync(a => a.Name == name, cancellation))?.ToAccount();
    }

    public async Task<IReadOnlyList<AccountRecord>> ListAsync(CancellationToken cancellation)
    {
        await using var context = database.Context();
        return await context.Accounts.AsNoTracking().OrderBy(a => a.Name).ToListAsync(cancellation);
    }

    /// <returns>False when there is an account of that name.</returns>
    public async Task<bool> AddAsync(string name, string? displayName, IReadOnlyList<ScramCredentials> keys, CancellationToken cancellation, string change = AccountChange.Added)
    {
        await using var context = database.Context();
        if (await context.Accounts.AnyAsync(a => a.Name == name, cancellation)) return false;
        var record = new AccountRecord { Name = name, DisplayName = displayName, CreatedAt = Now, ChangedAt = Now };
        record.SetKeys(keys);
        context.Accounts.Add(record);
        context.Changes.Add(Change(name, change));
        try
        {
            await context.SaveChangesAsync(cancellation);
            return true;
        }
        catch (DbUpdateException)
        {
            // Somebody else may have added it in between.
            await using var again = database.Context();
            if (await again.Accounts.AnyAsync(a => a.Name == name, cancellation)) return false;
            throw;
        }
    }

    /// <returns>False when there is no account of that name.</returns>
    public async Task<bool> SetKeysAsync(string name, IReadOnlyList<ScramCredentials> keys, CancellationToken cancellation, string change = AccountChange.PasswordChanged)
    {
        await using var context = database.Context();
        if (await context.Accounts.SingleOrDefaultAsync(a => a.Name == name, cancellation) is not { } record) return false;
        record.SetKeys(keys);
        record.ChangedAt = Now;
        context.Changes.Add(Change(name, change));
        await context.SaveChangesAsync(cancellation);
        return true;
    }

    /// <returns>False when there is no account of that name.</returns>
    public async Task<bool> RemoveAsync(string name, CancellationToken cancellation)
    {
        await using var context = database.Context();
        if (await context.Accounts.SingleOrDefaultAsync(a => a.Name == name, cancellation) is not { } record) return false;
        context.Accounts.Remove(record);
        context.Changes.Add(Change(name, AccountChange.Removed));
        try
        {
            await context.SaveChangesAsync(cancellation);
            return true;
        }
        catch (DbUpdateConcurrencyException)
        {
            // Somebody else has removed it in between.
            return false;
        }
    }

    /// <summary>Changes that no auth service has told, the oldest first.</summary>
    public async Task<IReadOnlyList<ChangeRecord>> UntoldAsync(CancellationToken cancellation)
    {
        await using var context = database.Context();
        return await context.Changes.AsNoTracking().Where(c => !c.IsTold).OrderBy(c => c.Id).Take(ChangesAtOnce).ToListAsync(cancellation);
    }

    /// <summary>Marks a change as told.</summary>
    /// <returns>False when another auth service was first.</returns>
    public async Task<bool> ToldAsync(string id, CancellationToken cancellation)
    {
        await using var context = database.Context();
        return await context.Changes.Where(c => c.Id == id && !c.IsTold).ExecuteUpdateAsync(update => update.SetProperty(c => c.IsTold, true), cancellation) == 1;
    }

    /// <summary>Drops what was told long ago.</summary>
    public async Task ForgetAsync(CancellationToken cancellation)
    {
        await using var context = database.Context();
        var before = Now - KeptChanges;
        await context.Changes.Where(c => c.IsTold && c.At < before).ExecuteDeleteAsync(cancellation);
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private ChangeRecord Change(string name, string kind) => new() { Id = Guid.CreateVersion7(time.GetUtcNow()).ToString("D"), Name = name, Kind = kind, At = Now };
}
