using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace JitsiMesh.Auth.Accounts.Store.Migrations;

/// <summary>The model after the last migration. A test compares it with <see cref="AccountsContext"/>: a change of the model needs a migration and a change here.</summary>
[DbContext(typeof(AccountsContext))]
internal sealed class AccountsContextSnapshot : ModelSnapshot
{
    protected override void BuildModel(ModelBuilder modelBuilder) => Describe(modelBuilder);

    internal static void Describe(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity("JitsiMesh.Auth.Accounts.Store.AccountRecord", account =>
        {
            account.Property<string>("Name").HasMaxLength(128);
            account.Property<string>("DisplayName").HasMaxLength(256);
            account.Property<byte[]>("Sha1Salt");
            account.Property<int>("Sha1Iterations");
            account.Property<byte[]>("Sha1StoredKey");
            account.Property<byte[]>("Sha1ServerKey");
            account.Property<byte[]>("Sha256Salt");
            account.Property<int>("Sha256Iterations");
            account.Property<byte[]>("Sha256StoredKey");
            account.Property<byte[]>("Sha256ServerKey");
            account.Property<DateTime>("CreatedAt");
            account.Property<DateTime>("ChangedAt");
            account.HasKey("Name");
            account.ToTable("accounts");
        });
        modelBuilder.Entity("JitsiMesh.Auth.Accounts.Store.ChangeRecord", change =>
        {
            change.Property<string>("Id").HasMaxLength(36);
            change.Property<string>("Name").IsRequired().HasMaxLength(128);
            change.Property<string>("Kind").IsRequired().HasMaxLength(32);
            change.Property<DateTime>("At");
            change.Property<bool>("IsTold");
            change.HasKey("Id");
            change.HasIndex("IsTold");
            change.ToTable("account_changes");
        });
        modelBuilder.Entity("JitsiMesh.Auth.Accounts.Store.SecretRecord", secret =>
        {
            secret.Property<string>("Name").HasMaxLength(32);
            secret.Property<byte[]>("Value").IsRequired();
            secret.HasKey("Name");
            secret.ToTable("account_secrets");
        });
    }
}
