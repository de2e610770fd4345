using System.Security.Cryptography;
using System.Text;
using JitsiMesh.Contracts.Store;
using Microsoft.Extensions.Logging;

namespace JitsiMesh.Auth.Admission;

/// <summary>
/// Counts failed logins for all instances of the auth service together (<see cref="LoginLimits"/>), in the store. Otherwise each further instance would give an attacker further tries.
/// The store holds hashes and numbers only. In one process, and while the store does not answer, each process counts for itself.
/// </summary>
internal sealed partial class SharedLoginTries : ILoginTries
{
    private readonly LoginTries _own;
    private readonly IMeshStore _store;
    private readonly ILogger<SharedLoginTries> _logger;
    private readonly WindowCount _tries;
    private readonly SharedCount _shared;

    public SharedLoginTries(LoginTries own, IMeshStore store, TimeProvider time, ILogger<SharedLoginTries> logger)
    {
        (_own, _store, _logger) = (own, store, logger);
        // Each try creates up to four keys that live for a minute: this limits their number.
        _tries = new WindowCount(time, LoginLimits.Window, LoginLimits.Windows);
        _shared = new SharedCount(time, LoginLimits.StoreTime, LoginLimits.StorePause, LogUnreachable);
    }

    public async ValueTask<LoginTry?> BeginAsync(string accountKey, string addressTag)
    {
        var (hasAnswered, may) = _store.OutlivesProcess ? await _shared.AskAsync(() => BeginSharedAsync(accountKey, addressTag)) : default;
        if (!hasAnswered) may = _own.TryBegin(accountKey, addressTag);
        return may ? new LoginTry(accountKey, addressTag, IsShared: hasAnswered) : null;
    }

    public async ValueTask EndAsync(LoginTry attempt, LoginTryEnd end)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        if (!attempt.IsShared)
        {
            if (end == LoginTryEnd.Failed) _own.Failed(attempt.AccountKey, attempt.AddressTag);
            else if (end == LoginTryEnd.Succeeded) _own.Succeeded(attempt.AccountKey, attempt.AddressTag);
            else _own.Withdrawn(attempt.AccountKey, attempt.AddressTag);
            return;
        }

        // It already counts as failed, and still does until its minute has passed if the store does not answer.
        if (end != LoginTryEnd.Failed) await _shared.AskAsync(() => TakeBackAsync(attempt, end == LoginTryEnd.Succeeded));
    }

    private async Task<bool> BeginSharedAsync(string accountKey, string addressTag)
    {
        // The address first: a client over its limit must not consume the limits that others share.
        var keys = new Keys(accountKey, addressTag);
        if (keys.HasAddress && await keys.AddAddressAsync(_store, 1) > LoginLimits.FailuresOfAddress)
        {
            await keys.AddAddressAsync(_store, -1);
            return false;
        }

        if (!_tries.TryCount())
        {
            if (keys.HasAddress) await keys.AddAddressAsync(_store, -1);
            return false;
        }

        var counts = await keys.AddAccountAsync(_store, 1);
        if (counts.OfAccount <= LoginLimits.FailuresOfAccount || await MayAllTheSameAsync(keys, counts)) return true;
        await keys.TakeBackAsync(_store);
        return false;
    }

    private async Task<bool> MayAllTheSameAsync(Keys keys, Counts counts)
    {
        if (!keys.HasAddress) return false;
        if (await _store.TallyAsync(keys.Known, 0, LoginLimits.KnownFor) > 0) return true;
        return counts.OfPair == 1 && await _store.TallyAsync(keys.Fresh, 1, LoginLimits.Window) <= LoginLimits.FreshAddresses;
    }

    private async Task<bool> TakeBackAsync(LoginTry attempt, bool succeeded)
    {
        var keys = new Keys(attempt.AccountKey, attempt.AddressTag);
        await keys.TakeBackAsync(_store);
        if (succeeded && keys.HasAddress) await _store.TallyAsync(keys.Known, 1, LoginLimits.KnownFor);
        return true;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The store cannot be read for the number of failed logins ({Failure}); this process counts separately")]
    private partial void LogUnreachable(string failure);

    private readonly record struct Counts(long OfAccount, long OfPair);

    private sealed class Keys(string accountKey, string addressTag)
    {
        private readonly string _account = "login/a/" + Hash(accountKey);
        private readonly string _address = "login/i/" + Hash(addressTag);
        private readonly string _pair = "login/p/" + Hash(accountKey + "\n" + addressTag);

        public bool HasAddress => addressTag.Length > 0;

        public string Fresh { get; } = "login/f/" + Hash(accountKey);

        public string Known { get; } = "login/k/" + Hash(accountKey + "\n" + addressTag);

        public Task<long> AddAddressAsync(IMeshStore store, long amount) => store.TallyAsync(_address, amount, LoginLimits.Window).AsTask();

        public async Task<Counts> AddAccountAsync(IMeshStore store, long amount)
        {
            var account = store.TallyAsync(_account, amount, LoginLimits.Window).AsTask();
            if (!HasAddress) return new Counts(await account, 0);
            var counts = await Task.WhenAll(account, store.TallyAsync(_pair, amount, LoginLimits.Window).AsTask());
            return new Counts(counts[0], counts[1]);
        }

        public Task TakeBackAsync(IMeshStore store) => HasAddress ? Task.WhenAll(AddAccountAsync(store, -1), AddAddressAsync(store, -1)) : AddAccountAsync(store, -1);

        private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }
}
