using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace JitsiMesh.Auth.Oidc;

/// <summary>
/// Protects the cookies of ASP.NET's handlers, so that any auth service can read those that another has written: AES-256-GCM with a key for each purpose, derived from the
/// key that auth services share. A message is nonce, tag and ciphertext.
/// </summary>
internal sealed class SharedProtection(OidcKey key) : IDataProtectionProvider
{
    public IDataProtector CreateProtector(string purpose) => new Protector(key, purpose);

    private sealed class Protector(OidcKey key, string purpose) : IDataProtector
    {
        private const int NonceOctets = 12;
        private const int TagOctets = 16;

        public IDataProtector CreateProtector(string inner) => new Protector(key, FormattableString.Invariant($"{purpose}/{inner.Length}:{inner}"));

        public byte[] Protect(byte[] plaintext)
        {
            var message = new byte[NonceOctets + TagOctets + plaintext.Length];
            var nonce = message.AsSpan(0, NonceOctets);
            RandomNumberGenerator.Fill(nonce);
            using var aes = new AesGcm(key.Derive(purpose), TagOctets);
            aes.Encrypt(nonce, plaintext, message.AsSpan(NonceOctets + TagOctets), message.AsSpan(NonceOctets, TagOctets));
            return message;
        }

        /// <exception cref="CryptographicException">The data is not a message of this purpose and key. Handlers treat this as a missing message.</exception>
        public byte[] Unprotect(byte[] protectedData)
        {
            if (protectedData.Length < NonceOctets + TagOctets) throw new CryptographicException("The message is too short.");
            var plaintext = new byte[protectedData.Length - NonceOctets - TagOctets];
            using var aes = new AesGcm(key.Derive(purpose), TagOctets);
            aes.Decrypt(protectedData.AsSpan(0, NonceOctets), protectedData.AsSpan(NonceOctets + TagOctets), protectedData.AsSpan(NonceOctets, TagOctets), plaintext);
            return plaintext;
        }
    }
}
