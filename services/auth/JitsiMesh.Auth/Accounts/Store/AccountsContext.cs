using Microsoft.EntityFrameworkCore;

namespace JitsiMesh.Auth.Accounts.Store;

/// <summary>The tables of the accounts. The provider chooses the column types, so that one set of migrations serves SQLite and PostgreSQL.</summary>
internal sealed class AccountsContext(DbContextOptions<AccountsContext> options) : DbContext(options)
{
    public DbSet<AccountRecord> Accounts => Set<AccountRecord>();

    public DbSet<ChangeRecord> Changes => Set<ChangeRecord>();

    public DbSet<SecretRecord> Secrets => Set<SecretRecord>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<AccountRecord>(account =>
        {
            account.ToTable("accounts");
            account.HasKey(a => a.Name);
            account.Property(a => a.Name).HasMaxLength(AccountName.Characters);
            account.Property(a => a.DisplayName).HasMaxLength(AccountStore.DisplayNameCharacters);
        });
        modelBuilder.Entity<ChangeRecord>(change =>
        {
            change.ToTable("account_changes");
            change.HasKey(c => c.Id);
            change.Property(c => c.Id).HasMaxLength(36);
            change.Property(c => c.Name).HasMaxLength(AccountName.Characters);
            change.Property(c => c.Kind).HasMaxLength(32);
            change.HasIndex(c => c.IsTold);
        });
        modelBuilder.Entity<SecretRecord>(secret =>
        {
            secret.ToTable("account_secrets");
            secret.HasKey(s => s.Name);
            secret.Property(s => s.Name).HasMaxLength(32);
        });
    }
}
