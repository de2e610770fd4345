using JitsiMesh.Auth.Passwords;
using JitsiMesh.Xmpp.Sasl;
using Microsoft.EntityFrameworkCore;

namespace JitsiMesh.Auth.Accounts.Store;

/// <summary>The accounts of users. Each change adds a change row in the same transaction, for the auth service to publish (<see cref="AccountChanges"/>).</summary>
internal sealed class AccountStore(AccountsDatabase database, TimeProvider time) : IAccountSource
{
    public const int DisplayNameCharacters = 256;

    /// <summary>How long a published change is kept.</summary>
    private static readonly TimeSpan KeptChanges = TimeSpan.FromDays(7);

    /// <summary>Changes published in one batch.</summary>
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

    /// <returns>False when an account of that name exists.</returns>
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
            // Another process may have added it meanwhile.
            await using var again = database.Context();
            if (await again.Accounts.AnyAsync(a => a.Name == name, cancellation)) return false;
            throw;
        }
    }

    /// <returns>False when no account of that name exists.</returns>
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

    /// <returns>False when no account of that name exists.</returns>
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
            // Another process has removed it meanwhile.
            return false;
        }
    }

    /// <summary>Changes that no auth service has published, oldest first.</summary>
    public async Task<IReadOnlyList<ChangeRecord>> UnpublishedAsync(CancellationToken cancellation)
    {
        await using var context = database.Context();
        return await context.Changes.AsNoTracking().Where(c => !c.IsTold).OrderBy(c => c.Id).Take(ChangesAtOnce).ToListAsync(cancellation);
    }

    /// <summary>Marks a change as published.</summary>
    /// <returns>False when another auth service was faster.</returns>
    public async Task<bool> MarkPublishedAsync(string id, CancellationToken cancellation)
    {
        await using var context = database.Context();
        return await context.Changes.Where(c => c.Id == id && !c.IsTold).ExecuteUpdateAsync(update => update.SetProperty(c => c.IsTold, true), cancellation) == 1;
    }

    /// <summary>Deletes old published changes.</summary>
    public async Task ForgetAsync(CancellationToken cancellation)
    {
        await using var context = database.Context();
        var before = Now - KeptChanges;
        await context.Changes.Where(c => c.IsTold && c.At < before).ExecuteDeleteAsync(cancellation);
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private ChangeRecord Change(string name, string kind) => new() { Id = Guid.CreateVersion7(time.GetUtcNow()).ToString("D"), Name = name, Kind = kind, At = Now };
}
