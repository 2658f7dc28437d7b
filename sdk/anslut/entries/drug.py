"""Drugs: what is prescribed, dispensed or given (läkemedelsval)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anslut.entries.dosage import Dosage  # noqa: TC001 - msgspec looks a field's type up at run time
from anslut.entries.laboratory import Quantity, decimal
from anslut.entries.parts import Code, Part

if TYPE_CHECKING:
    from collections.abc import Iterable

ATC = "1.2.752.129.2.2.3.1.1"
NPL = "1.2.752.129.2.1.5.1"
NPL_PACK = "1.2.752.129.2.1.5.2"


class FreeTextDrug(Part, frozen=True, kw_only=True, rename="camel"):
    """A drug in words: prepared to order, on licence."""

    unstructured_information: str


class Merchandise(Part, frozen=True, kw_only=True, rename="camel"):
    """An article that is no drug."""

    article_number: Code


class DrugArticle(Part, frozen=True, kw_only=True, rename="camel"):
    """One package of one product."""

    npl_pack_id: Code


class Product(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A product, by NPL-id, ATC code or both; *strength* is a decimal number as text."""

    npl_id: Code | None = None
    atc_code: Code | None = None
    route_of_administration: Code | None = None
    pharmaceutical_form: str | None = None
    strength: str | None = None
    strength_unit: str | None = None


class Generics(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A substance, in a strength and a form."""

    substance: str | None = None
    strength: Quantity | None = None
    form: str | None = None


class Drug(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A drug, said in exactly one of five ways; `Drug.product` and `Drug.free_text` make the usual ones."""

    comment: str | None = None
    unstructured_drug_information: FreeTextDrug | None = None
    merchandise: Merchandise | None = None
    drug_article: DrugArticle | None = None
    drug: Product | None = None
    generics: Generics | None = None
    dosage: list[Dosage] | None = None

    @classmethod
    def product(  # noqa: PLR0913 - the product's own fields, all named at the call
        cls,
        *,
        atc: str | None = None,
        npl_id: str | None = None,
        name: str,
        form: str | None = None,
        strength: str | None = None,
        strength_unit: str | None = None,
        route: Code | None = None,
        dosage: Iterable[Dosage] = (),
    ) -> Drug:
        """Return a product by its ATC code, NPL-id or both, with *name* to show; *strength* may have a comma."""
        product = Product(
            npl_id=Code.of(npl_id, name, system=NPL) if npl_id else None,
            atc_code=Code.of(atc, name, system=ATC) if atc else None,
            route_of_administration=route,
            pharmaceutical_form=form,
            strength=decimal(strength) if strength else None,
            strength_unit=strength_unit,
        )
        return cls(drug=product, dosage=list(dosage) or None)

    @classmethod
    def free_text(cls, words: str, *, dosage: Iterable[Dosage] = ()) -> Drug:
        """Return a drug in words."""
        return cls(
            unstructured_drug_information=FreeTextDrug(unstructured_information=words),
            dosage=list(dosage) or None,
        )
