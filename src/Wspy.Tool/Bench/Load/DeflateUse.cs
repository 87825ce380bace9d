namespace Wspy.Tool.Bench.Load;

/// <summary>Whether messages are compressed (RFC 7692).</summary>
internal enum DeflateUse
{
    /// <summary>No: it is not offered.</summary>
    None,

    /// <summary>Both ends keep their contexts from message to message.</summary>
    Context,

    /// <summary>Neither end keeps a context: each message is compressed by itself.</summary>
    NoContext,
}
