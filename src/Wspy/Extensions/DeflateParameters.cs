using System.Globalization;

namespace Wspy.Extensions;

/// <summary>Reads parameters strictly: each once, flags without and windows with a value, nothing unknown (RFC 7692 §7.1, RFC 6455 §9.1).</summary>
internal ref struct DeflateParameters(IReadOnlyList<ExtensionParameter> parameters)
{
    private int _known;

    /// <summary>Whether every parameter was asked for and is well-formed; to be looked at last.</summary>
    public readonly bool AreValid => !Malformed && _known == parameters.Count;

    private bool Malformed { get; set; }

    public bool Flag(string name)
    {
        bool found = TryFind(name, out string? value);
        Malformed |= value is not null;
        return found;
    }

    /// <summary>The bits of a window, or null if the parameter is not there.</summary>
    public int? Window(string name) => Window(name, out bool present, mayBeBare: false) is { } bits && present ? bits : null;

    /// <param name="name">Of the parameter.</param>
    /// <param name="present">Whether it is there.</param>
    /// <param name="mayBeBare">Whether it may be there without a value.</param>
    public int? Window(string name, out bool present, bool mayBeBare)
    {
        present = TryFind(name, out string? value);
        if (!present || (value is null && mayBeBare))
        {
            return null;
        }

        // §7.1.2: a decimal integer from 8 to 15 without leading zeroes.
        bool valid = value is "8" or "9" || value is ['1', >= '0' and <= '5'];
        Malformed |= !valid;
        return valid ? int.Parse(value!, CultureInfo.InvariantCulture) : null;
    }

    private bool TryFind(string name, out string? value)
    {
        int count = 0;
        value = null;
        foreach (ExtensionParameter parameter in parameters)
        {
            if (parameter.Name == name)
            {
                count++;
                value = parameter.Value;
            }
        }

        _known += count;
        Malformed |= count > 1;
        return count > 0;
    }
}
