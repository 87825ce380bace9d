using System.Net;
using Wspy.Conformance;
using Wspy.Tool.Tls;

namespace Wspy.Tool.Conform;

/// <summary>What <c>wspy conform</c> was asked for.</summary>
internal sealed record ConformSettings
{
    /// <summary>The server under test, or <see langword="null"/> where a client is tested.</summary>
    public Uri? Target { get; init; }

    /// <summary>Where to listen for clients under test.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>Whether clients under test speak TLS, and with what certificate.</summary>
    public TlsSettings Tls { get; init; } = new();

    public IReadOnlyList<string> Only { get; init; } = [];

    public IReadOnlyList<string> Exclude { get; init; } = [];

    public required SuiteOptions Options { get; init; }

    public FileInfo? Expect { get; init; }

    public FileInfo? WriteExpect { get; init; }

    public FileInfo? Json { get; init; }

    public FileInfo? JUnit { get; init; }

    public FileInfo? Html { get; init; }

    /// <summary>Whether cases that are not strict count as failed.</summary>
    public bool Strict { get; init; }

    /// <summary>Whether the cases are only listed.</summary>
    public bool List { get; init; }
}
