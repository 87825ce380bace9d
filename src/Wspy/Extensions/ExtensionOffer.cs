namespace Wspy.Extensions;

/// <summary>A parameter of an extension (RFC 6455 §9.1): <c>name</c> or <c>name=value</c>.</summary>
/// <param name="Name">A token.</param>
/// <param name="Value">A token, without the quotes it may have had on the wire; <see langword="null"/> if there is none.</param>
public readonly record struct ExtensionParameter(string Name, string? Value = null);

/// <summary>One element of a <c>Sec-WebSocket-Extensions</c> header (RFC 6455 §9.1): an extension as offered, or as accepted, with its parameters.</summary>
/// <remarks>Immutable, and safe from any thread.</remarks>
public sealed class ExtensionOffer
{
    /// <summary>Creates an offer.</summary>
    /// <param name="name">A token.</param>
    /// <param name="parameters">In the order in which they are written; copied.</param>
    /// <exception cref="ArgumentException">A name or value is no token.</exception>
    public ExtensionOffer(string name, params ReadOnlySpan<ExtensionParameter> parameters)
    {
        ThrowIfNoToken(name, nameof(name));
        foreach (ExtensionParameter parameter in parameters)
        {
            ThrowIfNoToken(parameter.Name, nameof(parameters));
            if (parameter.Value is not null)
            {
                ThrowIfNoToken(parameter.Value, nameof(parameters));
            }
        }

        Name = name;
        Parameters = parameters.ToArray();
    }

    /// <summary>Takes over parts that the parser has judged.</summary>
    internal ExtensionOffer(string name, IReadOnlyList<ExtensionParameter> parameters)
    {
        Name = name;
        Parameters = parameters;
    }

    /// <summary>The extension's registered token: <c>permessage-deflate</c>.</summary>
    public string Name { get; }

    /// <summary>The parameters in order; a name may be there several times, which is for the extension to judge.</summary>
    public IReadOnlyList<ExtensionParameter> Parameters { get; }

    /// <summary>As on the wire: <c>permessage-deflate; client_max_window_bits=12</c>.</summary>
    public override string ToString() => ExtensionHeader.Format([this]);

    private static void ThrowIfNoToken(string text, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(text, parameter);
        int wrong = HttpGrammar.IndexOfNonToken(text);
        if (wrong >= 0)
        {
            throw new ArgumentException(
                $"Names and values of extensions are tokens, and this one holds U+{(int)text[wrong]:X4} at index {wrong} (RFC 6455 §9.1).", parameter);
        }
    }
}
