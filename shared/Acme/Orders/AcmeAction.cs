using JitsiMesh.Acme.Certificates;
using JitsiMesh.Acme.Challenges;
using JitsiMesh.Acme.Messages;

namespace JitsiMesh.Acme.Orders;

/// <summary>The next action for the caller of an <see cref="AcmeOrderClient"/>.</summary>
public abstract record AcmeAction;

/// <summary>Send the request; then call <see cref="AcmeOrderClient.Receive"/>, or <see cref="AcmeOrderClient.Fail"/> if there is no answer.</summary>
public sealed record SendRequest(AcmeRequest Request) : AcmeAction;

/// <summary>Store these durably; then call <see cref="AcmeOrderClient.Continue"/>. Another process can continue from them.</summary>
/// <param name="Account">The account's URL.</param>
/// <param name="Order">The order's URL; null before the order exists.</param>
public sealed record KeepProgress(Uri Account, Uri? Order) : AcmeAction;

/// <summary>Record that an order is about to be requested, which counts regardless of its outcome; then call <see cref="AcmeOrderClient.Continue"/>.</summary>
public sealed record CountOrder : AcmeAction;

/// <summary>Serve these responses from now on, until the end; then call <see cref="AcmeOrderClient.Continue"/>.</summary>
public sealed record PresentChallenges(IReadOnlyList<ChallengeAnswer> Answers) : AcmeAction;

/// <summary>Wait for this time; then call <see cref="AcmeOrderClient.Continue"/>.</summary>
public sealed record Pause(TimeSpan Time) : AcmeAction;

/// <summary>The order is complete: the certificate.</summary>
public sealed record Issued(CertificateChain Chain) : AcmeAction;

/// <summary>The order has failed.</summary>
public sealed record GaveUp(AcmeFailure Failure) : AcmeAction;
