using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Wspy;

/// <summary>What stands in a path in the places of its route's parameters: decoded, and judged to be safe as a name.</summary>
/// <remarks>
/// A value is never empty but that of <c>*</c>, is not <c>.</c> or <c>..</c>, and holds no slash, backslash or control character; that of <c>*</c> is
/// several of these with a slash between. Requests with others got 400. Immutable, and safe from any thread.
/// </remarks>
[SuppressMessage("Naming", "CA1710", Justification = "Parameters are this field's word for a collection of them.")]
public sealed class RouteParameters : IReadOnlyCollection<KeyValuePair<string, string>>
{
    internal static readonly RouteParameters None = new([], []);

    private readonly string[] _names;
    private readonly string[] _values;

    internal RouteParameters(string[] names, string[] values)
    {
        _names = names;
        _values = values;
    }

    /// <summary>The number of parameters.</summary>
    public int Count => _names.Length;

    /// <summary>The value of a parameter; <c>*</c> is what the route's last star stands for.</summary>
    /// <exception cref="KeyNotFoundException">The route has no parameter of that name.</exception>
    public string this[string name] => TryGetValue(name, out string? value) ? value : throw new KeyNotFoundException($"The route has no parameter '{name}'.");

    /// <summary>The value of a parameter, if the route has it.</summary>
    public bool TryGetValue(string name, [NotNullWhen(true)] out string? value)
    {
        ArgumentNullException.ThrowIfNull(name);
        int index = Array.IndexOf(_names, name);
        value = index < 0 ? null : _values[index];
        return value is not null;
    }

    /// <summary>The parameters in the order of the path.</summary>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return new(_names[i], _values[i]);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
