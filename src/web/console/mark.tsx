// Owns the sign of the house.

export function Mark() {
  return (
    <svg class="sign" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M7 10h6.5c4.5 0 4.5 12 9 12H25" />
      <circle cx="7.5" cy="10" r="3.2" />
      <circle class="end" cx="24.5" cy="22" r="3.2" />
    </svg>
  );
}
