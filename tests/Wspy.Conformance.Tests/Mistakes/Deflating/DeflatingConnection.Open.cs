using System.Globalization;
using System.Text;
using Wspy.Conformance.Deflate;
using Wspy.Conformance.Engine;
using Wspy.Conformance.Negotiation;

namespace Wspy.Conformance.Tests.Mistakes.Deflating;

// The opening handshake: what is agreed to, and what is answered.
internal sealed partial class DeflatingConnection
{
    private const string Name = DeflateParameters.Extension;

    private DeflateParameters? _agreed;

    private async Task<bool> OpenAsync()
    {
        if (await ClientRequest.ReadAsync(stream, stopping) is not var (request, behind) || request.Key.Length == 0)
        {
            return false;
        }

        if (Has(DeflateMistake.HangsForOthersWhileItInflates))
        {
            await server.ForOneAtATime.WaitAsync(stopping);
            server.ForOneAtATime.Release();
        }

        _behind = behind;
        IReadOnlyList<string> lines = request.All("Sec-WebSocket-Extensions");
        lines = Has(DeflateMistake.ReadsTheFirstLineAlone) ? [.. lines.Take(1)] : lines;
        IReadOnlyList<ExtensionItem>? offers = Has(DeflateMistake.IgnoresMalformedHeaders) ? [.. lines.SelectMany(line => ExtensionList.Parse([line]) ?? [])] : ExtensionList.Parse(lines);
        bool refused = offers is null || (Has(DeflateMistake.RefusesInvalidOffers) && offers.Any(offer => offer.Name == Name && Read(offer) is null));
        string answer = refused ? "" : Answer(offers!);
        await stream.WriteAsync(Encoding.Latin1.GetBytes(refused ? "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            : $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {request.Accept}\r\n{(answer.Length == 0 ? "" : $"Sec-WebSocket-Extensions: {answer}\r\n")}\r\n"), stopping);
        return !refused;
    }

    /// <summary>The answer to the offers, or nothing.</summary>
    private string Answer(IReadOnlyList<ExtensionItem> offers)
    {
        if (Has(DeflateMistake.AgreesWithoutAnOffer) && offers.Count == 0)
        {
            Agree(new DeflateParameters());
            return Name;
        }

        if (Has(DeflateMistake.AgreesToUnknownExtensions) && offers.FirstOrDefault(offer => offer.Name != Name) is { } unknown)
        {
            return unknown.Name;
        }

        List<string> answers = [];
        foreach (ExtensionItem offer in offers.Where(offer => offer.Name == Name || (Has(DeflateMistake.ComparesNamesByTheirBeginning) && offer.Name.StartsWith(Name, StringComparison.Ordinal))))
        {
            if (Read(offer) is { } read)
            {
                answers.Add(Answer(offer.Name, read));
            }

            if (Has(DeflateMistake.StopsAtTheFirstInvalidOffer) || (answers.Count > 0 && !Has(DeflateMistake.AgreesToAllOffersAtOnce)))
            {
                break;
            }
        }

        return string.Join(", ", answers);
    }

    /// <summary>The answer to one offer: what it demands, and no more.</summary>
    private string Answer(string name, DeflateParameters offer)
    {
        List<string> words = [name];
        if (offer.ServerNoContextTakeover && !Has(DeflateMistake.ForgetsServerNoContextTakeover))
        {
            words.Add("server_no_context_takeover");
        }

        if (offer.ClientNoContextTakeover)
        {
            words.Add("client_no_context_takeover");
        }

        if (offer.ServerBits is { } bits && !Has(DeflateMistake.ForgetsTheServerWindow))
        {
            words.Add($"server_max_window_bits={(Has(DeflateMistake.AnswersALargerWindowThanOffered) ? bits + 1 : Has(DeflateMistake.AnswersAWindowOutOfRange) ? 7 : bits)}");
        }

        if (offer.ClientBits is not null || Has(DeflateMistake.AnswersAClientWindowThatWasNotOffered))
        {
            words.Add($"client_max_window_bits={offer.ClientBits ?? 15}");
        }
        else if (offer.HasClientBits && Has(DeflateMistake.AnswersAClientWindowWithoutAValue))
        {
            words.Add("client_max_window_bits");
        }

        words.AddRange(Has(DeflateMistake.RepeatsParametersInTheAnswer) ? words.Skip(1).ToArray() : []);
        Agree(offer);
        return string.Join("; ", words);
    }

    private void Agree(DeflateParameters agreed)
    {
        _agreed = agreed;
        int theirs = agreed.ClientBits ?? 15;
        theirs = Has(DeflateMistake.InflatesWithASmallerWindow) ? Math.Max(8, theirs - 1) : Has(DeflateMistake.InflatesWithALargerWindow) ? 15 : theirs;
        bool theyTakeOver = Has(DeflateMistake.KeepsTheContextAgainstTheAgreement) || (!agreed.ClientNoContextTakeover && !Has(DeflateMistake.ForgetsTheContextOfTheClient));
        bool weTakeOver = Has(DeflateMistake.KeepsItsContextAgainstTheAgreement) || !agreed.ServerNoContextTakeover;
        _inflater = new Inflater(theirs, theyTakeOver, MessageLimit);
        _deflater = new Deflater(Has(DeflateMistake.UsesALargerWindowThanAgreed) ? 15 : agreed.ServerBits ?? 15, weTakeOver);
    }

    /// <summary>Reads an offer; what is invalid in it spoils it (RFC 7692 §7.1), unless the mistake is to take just that.</summary>
    private DeflateParameters? Read(ExtensionItem offer)
    {
        IEnumerable<(string Name, string? Value)> parameters = offer.Parameters;
        parameters = mistake switch
        {
            DeflateMistake.AgreesToUnknownParameters => parameters.Where(one => IsKnown(one.Name)),
            DeflateMistake.AgreesToRepeatedParameters => parameters.DistinctBy(one => one.Name),
            DeflateMistake.AgreesToWindowsOutOfRange => parameters.Select(one => IsWindow(one.Name) && int.TryParse(one.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int bits) ? (one.Name, $"{Math.Clamp(bits, 8, 15)}") : one),
            DeflateMistake.ReadsWindowsAsPlainNumbers => parameters.Select(one => IsWindow(one.Name) && int.TryParse(one.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int bits) ? (one.Name, $"{bits}") : one),
            DeflateMistake.AgreesToValuesWhereThereAreNone => parameters.Select(one => IsKnown(one.Name) && !IsWindow(one.Name) ? (one.Name, null) : one),
            _ => parameters,
        };
        return DeflateParameters.Read(new ExtensionItem(offer.Name, [.. parameters]), isAnswer: false, out _);
    }

    private static bool IsWindow(string name) => name is "client_max_window_bits" or "server_max_window_bits";

    private static bool IsKnown(string name) => IsWindow(name) || name is "client_no_context_takeover" or "server_no_context_takeover";
}
