namespace Wspy.Interop.Tests.Harness;

/// <summary>What an echo server is started with; the scripts take the same as JSON.</summary>
internal sealed record PeerServerOptions
{
    /// <summary>Known subprotocols, the best first.</summary>
    public string[] Subprotocols { get; init; } = [];

    /// <summary>Whether permessage-deflate may be negotiated, as the peer does it by itself.</summary>
    public bool Compress { get; init; }

    /// <summary>Permessage-deflate with these wishes.</summary>
    public DeflateTerms? Deflate { get; init; }

    /// <summary>Of Wspy's server: a thread for each client.</summary>
    public bool Threads { get; init; } = true;

    /// <summary>Of Wspy's server on loops: which poller.</summary>
    public PollerKind Poller { get; init; }

    /// <summary>With it the server speaks TLS.</summary>
    public TestCertificate? Certificate { get; init; }
}

/// <summary>What a client plays its scenario with; the scripts take the same as JSON.</summary>
internal sealed record PeerClientOptions
{
    /// <summary>Offered subprotocols.</summary>
    public string[] Subprotocols { get; init; } = [];

    /// <summary>Permessage-deflate is offered, with these wishes; null for not.</summary>
    public DeflateTerms? Deflate { get; init; }

    /// <summary>The code of the close at the scenario's end.</summary>
    public int Code { get; init; } = 4001;

    /// <summary>The reason of the close at the scenario's end.</summary>
    public string Reason { get; init; } = "done – κλείσε";

    /// <summary>The certificate to trust for wss.</summary>
    public TestCertificate? Certificate { get; init; }
}
