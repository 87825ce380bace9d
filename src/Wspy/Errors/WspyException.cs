namespace Wspy;

/// <summary>The base of what Wspy throws when a connection, a peer or a limit is the cause; mistakes in arguments are <see cref="ArgumentException"/>s.</summary>
/// <remarks>Immutable and safe from any thread.</remarks>
public class WspyException : Exception
{
    /// <summary>Creates an exception.</summary>
    public WspyException()
    {
    }

    /// <summary>Creates an exception.</summary>
    /// <param name="message">Who, what, limit and actual.</param>
    public WspyException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception.</summary>
    /// <param name="message">Who, what, limit and actual.</param>
    /// <param name="innerException">The cause.</param>
    public WspyException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
