using System.Globalization;

namespace Wspy.Conformance.Negotiation;

/// <summary>The parameters of permessage-deflate (RFC 7692 §7.1), of an offer or an answer.</summary>
internal sealed record DeflateParameters
{
    public const string Extension = "permessage-deflate";

    public const int MaxBits = 15;

    private const int MinBits = 8;

    public bool ServerNoContextTakeover { get; init; }

    public bool ClientNoContextTakeover { get; init; }

    /// <summary>Null where the parameter is missing.</summary>
    public int? ServerBits { get; init; }

    /// <summary>Null where the parameter is missing, or has no value.</summary>
    public int? ClientBits { get; init; }

    /// <summary>Whether <c>client_max_window_bits</c> stands there at all.</summary>
    public bool HasClientBits { get; init; }

    /// <summary>Reads the parameters.</summary>
    /// <param name="item">The extension with its parameters.</param>
    /// <param name="isAnswer">In an answer <c>client_max_window_bits</c> must have a value (§7.1.2.2).</param>
    /// <param name="problem">Why they are invalid, or nothing.</param>
    public static DeflateParameters? Read(ExtensionItem item, bool isAnswer, out string problem)
    {
        problem = "";
        var found = new DeflateParameters();
        HashSet<string> names = [];
        foreach ((string name, string? value) in item.Parameters)
        {
            DeflateParameters? next = name switch
            {
                "server_no_context_takeover" when value is null => found with { ServerNoContextTakeover = true },
                "client_no_context_takeover" when value is null => found with { ClientNoContextTakeover = true },
                "server_max_window_bits" when Bits(value) is { } bits => found with { ServerBits = bits },
                "client_max_window_bits" when Bits(value) is { } bits => found with { ClientBits = bits, HasClientBits = true },
                "client_max_window_bits" when value is null && !isAnswer => found with { HasClientBits = true },
                _ => null,
            };
            if (next is null || !names.Add(name))
            {
                string text = value is null ? name : $"{name}={value}";
                problem = next is not null ? $"the parameter {name} twice" : $"the parameter {text}, which is not defined so (RFC 7692 §7.1)";
                return null;
            }

            found = next;
        }

        return found;
    }

    /// <summary>Why this is no answer to an offer, or <see langword="null"/>.</summary>
    public string? ProblemAsAnswerTo(DeflateParameters offer) =>
        offer.ServerNoContextTakeover && !ServerNoContextTakeover ? "server_no_context_takeover was offered and is missing in the answer (RFC 7692 §7.1.1.1)"
        : offer.ServerBits is { } server && ServerBits is null ? $"server_max_window_bits={server} was offered and is missing in the answer (RFC 7692 §7.1.2.1)"
        : offer.ServerBits < ServerBits ? $"server_max_window_bits={offer.ServerBits} was offered, and {ServerBits} answered (RFC 7692 §7.1.2.1)"
        : HasClientBits && !offer.HasClientBits ? "client_max_window_bits was answered and not offered (RFC 7692 §7.1.2.2)"
        : offer.ClientBits < ClientBits ? $"client_max_window_bits={offer.ClientBits} was offered, and {ClientBits} answered (RFC 7692 §7.1.2.2)"
        : null;

    // §7.1.2: a decimal number from 8 to 15 without leading zeros.
    private static int? Bits(string? value) =>
        value is { Length: 1 or 2 } && value[0] != '0' && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int bits) && bits is >= MinBits and <= MaxBits ? bits : null;
}
