namespace Wspy.Handshake;

/// <summary>Why there is no way through a proxy.</summary>
public enum ProxyFailure
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The proxy's URI has a scheme that is not known here, or its protocol cannot say what it would have to be told. Nothing was sent.</summary>
    InvalidSettings,

    /// <summary>There is no connection to the proxy.</summary>
    Unreachable,

    /// <summary>TLS with the proxy itself failed.</summary>
    TlsFailed,

    /// <summary>The proxy wants credentials, and there are none of a scheme that it offers.</summary>
    CredentialsRequired,

    /// <summary>The proxy does not take the credentials.</summary>
    CredentialsRefused,

    /// <summary>The proxy does not connect to this host and port: its rules forbid it, or it knows no such command.</summary>
    Refused,

    /// <summary>The proxy found no way to the server.</summary>
    TargetUnreachable,

    /// <summary>What the proxy answered does not follow its protocol, or is too large.</summary>
    InvalidReply,

    /// <summary>The connection ended before the proxy had answered.</summary>
    ConnectionLost,
}
